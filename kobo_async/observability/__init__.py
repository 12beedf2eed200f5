"""What clients and receivers do, for logs, Prometheus and OpenTelemetry.

Each of `logs.Logs`, `metrics.Metrics` and `tracing.Traces` is an observer: give it to a client as
`on_event`, to a receiver among its `observers`, or to both. `events.told_to` makes one of several.
"""
