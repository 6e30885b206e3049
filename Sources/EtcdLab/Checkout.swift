public import Foundation

/// The sources that this program was built from.
public enum Checkout {
    /// The directory with Package.swift.
    public static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
}
