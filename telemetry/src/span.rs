//! Spans and what connects them over a wire.

use domain::trace::TraceContext;
use tracing::Span;

/// The target of every span that is exported: nothing else is one.
pub const SPANS: &str = "aisle::span";

/// What a request says of its cause: `traceparent`, or else X-Ray's header. What is not valid says nothing.
pub fn cause<'a>(header: impl Fn(&str) -> Option<&'a str>) -> Option<TraceContext> {
    let w3c = header(domain::trace::TRACEPARENT).and_then(TraceContext::parse);
    w3c.or_else(|| header(domain::trace::XRAY_HEADER).and_then(TraceContext::parse_xray))
}

/// The span has its cause there. To be said before the span is entered.
pub fn follow(span: &Span, cause: Option<TraceContext>) {
    #[cfg(feature = "otlp")]
    if let Some(cause) = cause {
        crate::otlp::context::follow(span, cause);
    }
    #[cfg(not(feature = "otlp"))]
    let _ = (span, cause);
}

/// The span has to do with what happened there.
pub fn link(span: &Span, to: TraceContext) {
    #[cfg(feature = "otlp")]
    crate::otlp::context::link(span, to);
    #[cfg(not(feature = "otlp"))]
    let _ = (span, to);
}

/// The span under way is called this, now that it is known what it is about.
pub fn rename(name: &'static str) {
    #[cfg(feature = "otlp")]
    crate::otlp::context::rename(name);
    #[cfg(not(feature = "otlp"))]
    let _ = name;
}

/// The span under way, where spans are exported.
pub(crate) fn under_way() -> Option<TraceContext> {
    #[cfg(feature = "otlp")]
    return crate::otlp::context::under_way();
    #[cfg(not(feature = "otlp"))]
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const W3C: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const XRAY: &str = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";

    #[test]
    fn w3c_comes_before_x_ray_and_nonsense_is_passed_over() {
        let of = |w3c: Option<&'static str>| {
            cause(move |name| match name {
                "traceparent" => w3c,
                _ => Some(XRAY),
            })
        };
        assert_eq!(of(Some(W3C)), TraceContext::parse(W3C));
        assert_eq!(of(Some("00-nonsense")), TraceContext::parse_xray(XRAY));
        assert_eq!(of(None), TraceContext::parse_xray(XRAY));
        assert_eq!(cause(|_| None), None);
    }
}
