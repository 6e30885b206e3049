import EtcdLab
import IPTypes
import TestSupport

extension IPAddress {
    /// An address with many zero bits, so that runs of zero groups of every length turn up.
    static func random(_ family: IPFamily, using generator: inout SplitMix64) -> IPAddress {
        var value: UInt128 = 0
        for _ in 0..<8 {
            let group = generator.next()
            let isZero = group >> 63 == 1
            value = value << 16 | (isZero ? 0 : UInt128(group & (group >> 48 | 0xff)) & 0xffff)
        }
        return family == .ipv4 ? IPAddress(v4: UInt32(truncatingIfNeeded: value)) : IPAddress(v6: value)
    }
}
