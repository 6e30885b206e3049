internal import NodeSlices

@main enum WhereaboutsNodeSliceController {
    static func main() {
        NodeSliceControllerCommand.runProcess()
    }
}
