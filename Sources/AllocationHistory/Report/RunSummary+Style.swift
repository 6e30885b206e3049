extension RunSummary {
    /// The page's style sheet, which holds none of the characters that XML escapes.
    static let style = """
        :root { color-scheme: light dark; --ground: #ffffff; --ink: #1c2128; --soft: #57606a; --rule: #d8dee4; --box: #f6f8fa;
          --good: #0969da; --bad: #cf222e; --p50: #1a7f37; --p99: #9a6700; --killed: #8c959f; --fault: #bf8700; }
        @media (prefers-color-scheme: dark) {
          :root { --ground: #0d1117; --ink: #e6edf3; --soft: #9198a1; --rule: #30363d; --box: #161b22;
            --good: #58a6ff; --bad: #ff7b72; --p50: #56d364; --p99: #e3b341; --killed: #6e7681; --fault: #d29922; }
        }
        body { margin: 0 auto; padding: 24px 20px 48px; max-width: 1040px; background: var(--ground); color: var(--ink);
          font: 15px/1.5 system-ui, sans-serif; }
        h1 { font-size: 22px; line-height: 1.3; margin: 0 0 16px; padding-left: 12px; border-left: 6px solid; overflow-wrap: anywhere; }
        h1.kept { border-color: var(--p50); }
        h1.broken { border-color: var(--bad); }
        h2 { font-size: 16px; margin: 28px 0 8px; }
        h3 { font-size: 15px; margin: 16px 0 4px; }
        dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(140px, 1fr)); gap: 8px; margin: 0 0 20px; }
        dl div { background: var(--box); border: 1px solid var(--rule); border-radius: 6px; padding: 8px 12px; }
        dd { margin: 0; font-size: 19px; font-variant-numeric: tabular-nums; }
        dt { color: var(--soft); font-size: 12px; }
        .scroll { overflow-x: auto; }
        table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
        th, td { text-align: left; vertical-align: top; padding: 4px 20px 4px 0; border-bottom: 1px solid var(--rule);
          overflow-wrap: break-word; }
        th { color: var(--soft); font-weight: 600; font-size: 13px; white-space: nowrap; }
        .number { text-align: right; white-space: nowrap; }
        pre { background: var(--box); border: 1px solid var(--rule); border-radius: 6px; padding: 10px 12px; overflow-x: auto; }
        svg { display: block; width: 100%; min-width: 640px; height: auto; font: 11px system-ui, sans-serif; }
        svg text { fill: var(--soft); }
        svg .heading { fill: var(--ink); font-size: 13px; font-weight: 600; }
        svg .label { fill: var(--ink); paint-order: stroke; stroke: var(--ground); stroke-width: 4px; stroke-linejoin: round; }
        .end { text-anchor: end; }
        .middle { text-anchor: middle; }
        .grid { stroke: var(--rule); stroke-width: 1; }
        .faults { opacity: 0.3; }
        .fault { fill: var(--fault); fill-opacity: 0.5; }
        .lead { stroke: var(--fault); stroke-width: 1; stroke-dasharray: 2 2; }
        .line { fill: none; stroke-width: 1.5; stroke-linejoin: round; }
        .good { stroke: var(--good); }
        .bad { stroke: var(--bad); }
        .p50 { stroke: var(--p50); }
        .p99 { stroke: var(--p99); }
        .point { fill: none; stroke-width: 3; }
        .failed { fill: var(--bad); fill-opacity: 0.75; }
        .killed { fill: var(--killed); fill-opacity: 0.75; }
        """
}
