//! Our trace contexts as OpenTelemetry's, and the other way round.

use domain::trace::TraceContext;
use opentelemetry::trace::{
    SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState,
};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

pub(crate) fn follow(span: &Span, cause: TraceContext) {
    let context = opentelemetry::Context::new().with_remote_span_context(of(cause));
    // An error says that nothing is exported.
    let _ = span.set_parent(context);
}

pub(crate) fn link(span: &Span, to: TraceContext) {
    span.add_link(of(to));
}

pub(crate) fn rename(name: &'static str) {
    Span::current().context().span().update_name(name);
}

/// The place of the span under way.
pub(crate) fn under_way() -> Option<TraceContext> {
    if !super::is_on() {
        return None;
    }
    let context = Span::current().context();
    let span = context.span();
    let place = span.span_context();
    TraceContext::new(
        place.trace_id().to_bytes(),
        place.span_id().to_bytes(),
        place.is_sampled(),
    )
}

fn of(context: TraceContext) -> SpanContext {
    let sampled = TraceFlags::default().with_sampled(context.is_sampled());
    SpanContext::new(
        TraceId::from_bytes(context.trace_id()),
        SpanId::from_bytes(context.span_id()),
        sampled,
        true,
        TraceState::default(),
    )
}
