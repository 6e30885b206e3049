internal import ArgumentParser

/// A time as people write it for a command: `10m`, `90s`, `1h30m`, or 0.
package struct DurationOption: Hashable, Sendable {
    private static let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]

    /// The time.
    package let seconds: Int64

    /// Takes a time.
    package init(seconds: Int64) {
        self.seconds = seconds
    }

    /// The seconds of an option's text.
    ///
    /// - Throws: `ValidationError` for a text that is no time.
    package static func seconds(_ text: String, of option: String) throws -> Int64 {
        guard let duration = DurationOption(argument: text) else {
            throw ValidationError(
                "\(option) \(text) is no time of 0 or more; write one such as 90s, 10m or 1h30m, no number in it above 1000000"
            )
        }
        return duration.seconds
    }

    /// Reads a time; each unit once at most, the greatest first.
    package init?(argument: String) {
        if argument == "0" {
            self.init(seconds: 0)
            return
        }
        var total: Int64 = 0
        var digits = ""
        var last = Int64.max
        for character in argument {
            if character.isASCII, character.isNumber {
                digits.append(character)
                continue
            }
            guard let unit = Self.units[character], unit < last, let number = Int64(digits), number <= 1_000_000 else {
                return nil
            }
            total += number * unit
            last = unit
            digits = ""
        }
        guard digits.isEmpty, last < .max else { return nil }
        self.init(seconds: total)
    }
}
