import Foundation

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// What a strict XML parser sees in a text.
final class XMLOutline: NSObject, XMLParserDelegate {
    /// The elements' names, in order.
    private(set) var elements: [String] = []
    /// The elements' attributes, in the same order.
    private(set) var attributes: [[String: String]] = []
    /// All text between tags.
    private(set) var text = ""
    /// What is wrong with the text, or nil.
    private(set) var failure: String?

    init(_ markup: String) {
        super.init()
        let parser = XMLParser(data: Data(markup.utf8))
        parser.delegate = self
        if !parser.parse() {
            failure = "line \(parser.lineNumber): \(parser.parserError.map { "\($0)" } ?? "no reason")"
        }
    }

    func parser(
        _ parser: XMLParser,
        didStartElement elementName: String,
        namespaceURI: String?,
        qualifiedName: String?,
        attributes attributeDict: [String: String]
    ) {
        elements.append(elementName)
        attributes.append(attributeDict)
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) {
        text += string
    }
}
