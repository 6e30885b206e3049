internal import CHTTPBridge
internal import JSON

/// The first document of a YAML text as the JSON that it stands for, parsed by libyaml.
///
/// Only `null`, `true` and `false`, and what is empty, are no texts; numbers are left as they are written. Aliases are refused, since no program writes them
/// into what is read here, and they let a small text stand for a large value.
@safe
struct YAMLParser {
    /// How deep lists and mappings may lie in each other.
    private static let depthLimit = 64

    private let raw: OpaquePointer

    /// Parses a text; an empty one is null.
    static func parse(_ bytes: [UInt8]) throws(YAMLError) -> JSONValue {
        let result: Result<JSONValue, YAMLError> = unsafe bytes.withUnsafeBufferPointer { buffer in
            let raw = unsafe chb_yaml_create(buffer.baseAddress, buffer.count)
            defer { unsafe chb_yaml_destroy(raw) }
            let parser = unsafe YAMLParser(raw: raw.unsafelyUnwrapped)
            do throws(YAMLError) {
                return .success(try parser.value(parser.next(), depth: 0) ?? .null)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private func next() -> chb_yaml_event {
        unsafe chb_yaml_next(raw)
    }

    /// The value that an event begins; nil for the end of what it stands in.
    private func value(_ event: chb_yaml_event, depth: Int) throws(YAMLError) -> JSONValue? {
        guard depth <= Self.depthLimit else { throw YAMLError(reason: "it is nested too deeply") }
        switch event {
        case .scalar:
            return scalar()
        case .sequenceStart:
            var elements: [JSONValue] = []
            while let element = try value(next(), depth: depth + 1) {
                elements.append(element)
            }
            return .array(elements)
        case .mappingStart:
            var members: [String: JSONValue] = [:]
            while let key = try value(next(), depth: depth + 1) {
                guard case .string(let name) = key else { throw YAMLError(reason: "a key of a mapping is no text") }
                members[name] = try value(next(), depth: depth + 1) ?? .null
            }
            return .object(members)
        case .end, .sequenceEnd, .mappingEnd:
            return nil
        case .alias:
            throw YAMLError(reason: "it has an alias (*), which is not supported here; write out what it stands for")
        case .error:
            throw YAMLError(reason: text().text)
        }
    }

    private func scalar() -> JSONValue {
        let (text, isPlain) = text()
        guard isPlain else { return .string(text) }
        return switch text {
        case "", "~", "null", "Null", "NULL": .null
        case "true", "True", "TRUE": .bool(true)
        case "false", "False", "FALSE": .bool(false)
        default: .string(text)
        }
    }

    private func text() -> (text: String, isPlain: Bool) {
        var count = 0
        var isPlain = false
        guard let start = unsafe chb_yaml_text(raw, &count, &isPlain) else { return ("", isPlain) }
        let bytes = unsafe UnsafeRawBufferPointer(start: start, count: count)
        return unsafe (String(decoding: bytes, as: UTF8.self), isPlain)
    }
}
