internal import Logging
internal import Model
internal import Operations

/// Where the keys of JSON Web Tokens come from, by the settings.
struct IssuerKeys {
    private let rules: JWTRules
    private let source: any JWKSSource
    private let endpoint: JWKSEndpoint?

    /// nil where no such token is taken.
    init?(_ settings: WebTokenSettings?) {
        guard let settings else { return nil }
        rules = settings.rules
        switch settings.keys {
        case .file(let path):
            source = JWKSFile(path: path)
            endpoint = nil
        case .url(let url):
            let endpoint = JWKSEndpoint(url: url)
            source = endpoint
            self.endpoint = endpoint
        }
    }

    func verifier(_ environment: any Environment) -> JWTVerifier {
        JWTVerifier(
            rules: rules, source: source, environment: environment,
            logger: Logger(label: "signalbox.jwt"))
    }

    func shutDown() async { await endpoint?.shutDown() }
}
