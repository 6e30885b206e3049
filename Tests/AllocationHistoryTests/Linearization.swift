import AllocationHistory

/// Whether the calls of a small history can have had their effects one after the other, tried out in every order.
///
/// The model is the plainest one of a plugin and one address: an ADD that returned the address needs it free or in its
/// owner's hands, and puts it into its container's; a DEL frees it if its container has it; a call of unknown outcome may
/// have no effect. Two effects in one instant may come in either order.
struct Linearization {
    private struct Effect {
        let start: Int64
        let latest: Int64
        let isCertain: Bool
        let verb: Verb
        let owner: String
        let container: String
        /// Whether an ADD returned the address; nil if it is not known.
        let returned: Bool?
    }

    private struct State: Hashable {
        var done: UInt32 = 0
        var owner: String?
        var container: String?
    }

    private let effects: [Effect]

    init(_ history: History, address: HistoryAddress) {
        effects = history.calls.map { call in
            let fence = history.calls.filter {
                $0.verb == .delete && $0.attachment == call.attachment && $0.outcome.isSuccess && $0.start > call.end
            }.min { $0.start < $1.start }
            return Effect(
                start: call.start,
                latest: call.outcome.isSuccess ? call.end : call.verb == .add ? fence?.end ?? .max : .max,
                isCertain: call.outcome.isSuccess,
                verb: call.verb,
                owner: call.pod ?? call.attachment.container,
                container: call.attachment.container,
                returned: call.outcome.isSuccess ? call.outcome.addresses.contains(address) : nil
            )
        }
    }

    var exists: Bool {
        var seen: Set<State> = []
        var pending = [State()]
        while let state = pending.popLast() {
            guard seen.insert(state).inserted else { continue }
            let left = effects.indices.filter { state.done >> UInt32($0) & 1 == 0 }
            let certain = left.filter { effects[$0].isCertain }
            if certain.isEmpty {
                return true
            }
            let latestStart = effects.indices.filter { state.done >> UInt32($0) & 1 == 1 }.map { effects[$0].start }
                .max()
            for next in left
            where effects[next].latest >= latestStart ?? .min
                && certain.allSatisfy({ effects[$0].latest >= effects[next].start })
            {
                if var following = apply(effects[next], to: state) {
                    following.done |= 1 << UInt32(next)
                    pending.append(following)
                }
            }
        }
        return false
    }

    private func apply(_ effect: Effect, to state: State) -> State? {
        var state = state
        switch effect.verb {
        case .add:
            switch effect.returned {
            case true?:
                guard state.owner == nil || state.owner == effect.owner else { return nil }
                state.owner = effect.owner
                state.container = effect.container
            case false?:
                if state.owner == effect.owner {
                    state.owner = nil
                    state.container = nil
                }
            case nil:
                if state.owner == effect.owner {
                    state.container = effect.container
                }
            }
        case .delete:
            if state.container == effect.container {
                state.owner = nil
                state.container = nil
            }
        case .check, .collect, .status:
            break
        }
        return state
    }
}
