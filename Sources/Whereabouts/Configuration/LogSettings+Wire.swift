extension LogSettings {
    /// Reads `log_file` and `log_level`.
    init(_ wire: WireConfiguration) throws(ConfigurationError) {
        guard let name = wire.logLevel else {
            self.init(file: wire.logFile, level: nil)
            return
        }
        guard let level = LogSettings.levels[name.lowercased()] else {
            throw ConfigurationError(key: "log_level", value: name, reason: "must be debug, verbose, error or panic")
        }
        self.init(file: wire.logFile, level: level)
    }
}
