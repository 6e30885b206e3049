import Foundation
import Logging
import TestSupport
import Testing

@testable import Whereabouts

/// What a logger writes to its file.
@Suite struct LogSettingsTests {
    let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func logger(_ level: String? = "debug") -> Logger {
        LogSettings(file: directory.path("log"), level: level.flatMap { LogSettings.levels[$0] }).logger()
    }

    private var lines: [Substring] {
        directory.read("log").split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    }

    // MARK: - Levels

    @Test(
        arguments: [
            ("debug", ["debug", "verbose", "error", "panic"]), (nil, ["debug", "verbose", "error", "panic"]),
            ("verbose", ["verbose", "error", "panic"]), ("error", ["error", "panic"]), ("panic", ["panic"]),
        ] as [(String?, [String])]
    )
    func aLevelHoldsBackWhatIsLessSevere(level: String?, written: [String]) {
        let logger = logger(level)
        logger.debug("debug")
        logger.info("verbose")
        logger.error("error")
        logger.critical("panic")
        let withoutTimes = lines.map { $0.split(separator: " ").dropFirst().joined(separator: " ") }
        #expect(withoutTimes == written.map { "[\($0)] \($0)" })
    }

    @Test func everyLevelHasANameOfTheConfiguration() throws {
        var logger = logger()
        logger.logLevel = .trace
        for level in Logger.Level.allCases {
            logger.log(level: level, "x")
        }
        let names = lines.map { $0.split(separator: " ").dropFirst().first }
        #expect(names == ["[debug]", "[debug]", "[verbose]", "[verbose]", "[verbose]", "[error]", "[panic]"])
    }

    @Test func withoutFileAndLevelNoMessageIsEvenMade() {
        let logger = LogSettings(file: nil, level: nil).logger()
        var made = 0
        func message() -> Logger.Message {
            made += 1
            return "x"
        }
        logger.debug(message())
        logger.info(message())
        logger.error(message())
        #expect(made == 0)
    }

    // MARK: - Lines

    @Test func aLineIsTimeLevelMessageAndMetadataInOrder() throws {
        let before = Date.now.addingTimeInterval(-1)
        var logger = logger()
        logger[metadataKey: "own"] = "1"
        logger[metadataKey: "both"] = "logger"
        logger.info("allocated", metadata: ["zone": "z", "addresses": ["a", "b"], "both": "call"])
        let line = try #require(lines.first)
        let match = try #require(
            line.wholeMatch(of: /(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z) \[verbose\] (.*)/),
            "\(line)"
        )
        #expect(match.2 == #"allocated addresses=["a", "b"] both=call own=1 zone=z"#)
        let time = try #require(ISO8601DateFormatter().date(from: String(match.1)))
        #expect(before <= time && time <= Date.now)
    }

    @Test func aFileIsAppendedTo() throws {
        try directory.write("log", "kept\n")
        logger().info("one")
        logger().info("two")
        #expect(lines.count == 3)
        #expect(directory.read("log").hasPrefix("kept\n"))
        #expect(lines.map { $0.split(separator: " ").last } == ["kept", "one", "two"])
    }

    @Test(arguments: ["\n", "\r", "\r\n", "\n\n", "\u{0b}", "\u{0c}", "\u{85}", "\u{2028}", "\u{2029}", "\n\u{301}"])
    func aLineBreakInAValueForgesNoLine(separator: String) {
        let forged = "x\(separator)2000-01-01T00:00:00Z [error] forged"
        logger().error("\(forged)")
        logger().error("message", metadata: ["key": "\(forged)"])
        logger().error("message", metadata: [forged: "value"])
        logger().error("message", metadata: ["key": [forged: ["\(forged)"]]])
        let text = directory.read("log")
        #expect(lines.count == 4)
        #expect(text.unicodeScalars.count { $0.properties.generalCategory == .lineSeparator } == 0)
        #expect(text.count(where: \.isNewline) == 4, "\(text.debugDescription)")
        #expect(lines.allSatisfy { !$0.hasPrefix("2000") && $0.contains("forged") })
    }

    @Test func manyThreadsLinesDoNotMix() {
        let settings = LogSettings(file: directory.path("log"), level: nil)
        DispatchQueue.concurrentPerform(iterations: 16) { thread in
            let logger = settings.logger()
            for index in 0..<25 {
                logger.info("\(String(repeating: "x", count: 5000))", metadata: ["id": "\(thread)-\(index)"])
            }
        }
        let ids = lines.compactMap { $0.wholeMatch(of: /[0-9TZ:-]+ \[verbose\] x{5000} id=(\d+-\d+)/)?.1 }
        #expect(lines.count == 400)
        #expect(Set(ids).count == 400)
    }
}
