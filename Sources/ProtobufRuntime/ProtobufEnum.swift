/// An enum of the wire contract. Proto3 enums are open: a number that this version does not know is
/// kept and travels on.
public protocol ProtobufEnum: Sendable, Hashable, CaseIterable {
    /// The value with the number 0.
    init()

    /// The value with this number; never fails.
    init(rawValue: Int32)

    /// The number on the wire.
    var rawValue: Int32 { get }

    /// The value with this name in the .proto file, for example `EXECUTION_STATUS_QUEUED`.
    init?(protobufName: String)

    /// Its name in the .proto file; the number in decimal where it is not known.
    var protobufName: String { get }
}

extension ProtobufEnum {
    /// What the names of all values begin with: that of the value 0 is `<TYPE>_UNSPECIFIED`.
    private static var namePrefix: Substring { Self().protobufName.dropLast("UNSPECIFIED".count) }

    /// Its name without its type's, for people: `QUEUED` for `EXECUTION_STATUS_QUEUED`. The number in
    /// decimal where it is not known.
    public var shortName: String {
        let (name, prefix) = (protobufName, Self.namePrefix)
        return name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name
    }
}
