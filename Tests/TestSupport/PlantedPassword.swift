/// The password that tests give the plugin, so that one search finds it wherever it shows up.
///
/// Every run of the plugin is searched for it, and script/test searches what the tests themselves print.
public enum PlantedPassword {
    /// The password.
    public static let text = "hunter2"
}
