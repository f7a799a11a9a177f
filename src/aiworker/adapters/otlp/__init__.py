"""Log lines on their way to an OpenTelemetry collector, or to whatever else speaks OTLP."""
