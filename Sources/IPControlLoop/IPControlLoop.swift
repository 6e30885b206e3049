internal import ControlLoop

@main enum IPControlLoop {
    static func main() {
        ControlLoopCommand.runProcess()
    }
}
