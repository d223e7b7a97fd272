internal import Glibc

extension ExpressionEvaluator {
    /// Where `signalbox-expression` lies: in the folder of the running executable. Nil if that folder
    /// cannot be told.
    package static func helperPathBesideExecutable() -> String? {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let length = unsafe buffer.withUnsafeMutableBytes { bytes in
            guard let base = unsafe bytes.assumingMemoryBound(to: CChar.self).baseAddress else {
                return 0
            }
            return unsafe readlink("/proc/self/exe", base, bytes.count)
        }
        guard length > 0, let slash = buffer[..<length].lastIndex(of: UInt8(ascii: "/")) else {
            return nil
        }
        return String(decoding: buffer[...slash], as: UTF8.self) + "signalbox-expression"
    }
}
