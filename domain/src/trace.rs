//! Where something that happens has its cause: W3C Trace Context, and AWS X-Ray's form of the same.
//!
//! A trace is begun by a tap and followed through every request and event that the tap causes. Its ids are drawn at
//! random; they are never made of a person's, a device's or a cart's.

use std::fmt;

/// The header, and the attribute of a CloudEvent, that carries a trace.
pub const TRACEPARENT: &str = "traceparent";
/// The header in which AWS carries a trace.
pub const XRAY_HEADER: &str = "x-amzn-trace-id";

/// The length of a `traceparent` of version 00.
const LENGTH: usize = 55;
/// The longest header that is looked at, in bytes.
const MAX_LENGTH: usize = 256;

/// A place in a trace: what happens next has its cause there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceContext {
    trace: [u8; 16],
    span: [u8; 8],
    sampled: bool,
}

impl TraceContext {
    /// A place in a trace; `None` where an id is all zeros, which stands for none.
    #[must_use]
    pub fn new(trace: [u8; 16], span: [u8; 8], sampled: bool) -> Option<Self> {
        let valid = trace != [0; 16] && span != [0; 8];
        valid.then_some(Self {
            trace,
            span,
            sampled,
        })
    }

    /// Begins a trace with random bytes. Bytes that are all zeros are no randomness: they become an id all the same.
    #[must_use]
    pub fn begin(trace: [u8; 16], span: [u8; 8]) -> Self {
        let trace = if trace == [0; 16] { [1; 16] } else { trace };
        let span = if span == [0; 8] { [1; 8] } else { span };
        Self {
            trace,
            span,
            sampled: true,
        }
    }

    /// Which trace.
    #[must_use]
    pub const fn trace_id(&self) -> [u8; 16] {
        self.trace
    }

    /// Which piece of work in it.
    #[must_use]
    pub const fn span_id(&self) -> [u8; 8] {
        self.span
    }

    /// Whether it is worth recording.
    #[must_use]
    pub const fn is_sampled(&self) -> bool {
        self.sampled
    }

    /// Reads a `traceparent` (W3C Trace Context, section 3.2). Anything else than a valid one is as good as none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() < LENGTH || text.len() > MAX_LENGTH || !text.is_ascii() {
            return None;
        }
        let mut parts = text.splitn(5, '-');
        let [version] = hex::<1>(parts.next()?)?;
        let (trace, span) = (hex(parts.next()?)?, hex(parts.next()?)?);
        let [flags] = hex::<1>(parts.next()?)?;
        // What a later version adds comes after a dash and is not understood; this one adds nothing, and ff is none.
        let known = match version {
            0 => parts.next().is_none(),
            version => version != 0xff,
        };
        known.then(|| Self::new(trace, span, flags & 1 == 1))?
    }

    /// Reads X-Ray's header: `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1`. Whatever
    /// else it says is passed over; a trace that nobody decided on yet is recorded.
    #[must_use]
    pub fn parse_xray(text: &str) -> Option<Self> {
        if text.len() > MAX_LENGTH || !text.is_ascii() {
            return None;
        }
        let field = |name: &str| {
            let mut fields = text.split(';').filter_map(|field| field.split_once('='));
            fields
                .find(|(key, _)| key.trim() == name)
                .map(|(_, value)| value.trim())
        };
        let (epoch, unique) = field("Root")?.strip_prefix("1-")?.split_once('-')?;
        if epoch.len() != 8 {
            return None;
        }
        let trace = hex(&format!("{epoch}{unique}"))?;
        Self::new(trace, hex(field("Parent")?)?, field("Sampled") != Some("0"))
    }
}

impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("00-")?;
        self.trace
            .iter()
            .try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str("-")?;
        self.span
            .iter()
            .try_for_each(|byte| write!(f, "{byte:02x}"))?;
        write!(f, "-{:02x}", u8::from(self.sampled))
    }
}

/// Lower-case hexadecimal digits, as many as it takes.
fn hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    if text.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn a_traceparent_is_read_and_written() {
        let context = TraceContext::parse(TRACE).unwrap();
        assert_eq!(context.to_string(), TRACE);
        assert!(context.is_sampled());
        assert_eq!((context.trace_id()[0], context.span_id()[0]), (0x0a, 0xb7));
        let unsampled = TRACE.replace("-01", "-02");
        assert!(!TraceContext::parse(&unsampled).unwrap().is_sampled());
        let later = TRACE.replacen("00", "cc", 1);
        assert_eq!(TraceContext::parse(&later), Some(context));
        assert_eq!(
            TraceContext::parse(&format!("{later}-more")),
            Some(context),
            "a later version may add something"
        );
    }

    #[test]
    fn anything_else_is_none() {
        for text in [
            String::new(),
            "00".to_owned(),
            TRACE.to_uppercase(),
            TRACE.replacen("00", "ff", 1),
            TRACE.replace("0af7651916cd43dd8448eb211c80319c", &"0".repeat(32)),
            TRACE.replace("b7ad6b7169203331", &"0".repeat(16)),
            TRACE.replace("0af7", "0ag7"),
            format!("{TRACE}-more"),
            format!(" {TRACE}"),
            TRACE.replace("0af7", "ä0"),
            format!("{}-{}", TRACE.replacen("00", "01", 1), "x".repeat(300)),
        ] {
            assert_eq!(TraceContext::parse(&text), None, "{text}");
        }
    }

    #[test]
    fn x_ray_is_understood() {
        let header = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
        let context = TraceContext::parse_xray(header).unwrap();
        let same = "00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01";
        assert_eq!(context.to_string(), same);
        let turned = "Self=1-2-3; Parent=53995c3f42cd8ad8 ;Sampled=0;Lineage=a:1;Root=1-5759e988-bd862e3fe1be46a994272793";
        assert!(!TraceContext::parse_xray(turned).unwrap().is_sampled());
        for text in [
            "",
            "Root=1-5759e988-bd862e3fe1be46a994272793",
            "Root=2-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8",
            "Root=1-5759e98-8bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8",
            "Root=1-00000000-000000000000000000000000;Parent=53995c3f42cd8ad8",
        ] {
            assert_eq!(TraceContext::parse_xray(text), None, "{text}");
        }
    }

    #[test]
    fn a_trace_that_begins_has_ids() {
        let begun = TraceContext::begin([0; 16], [0; 8]);
        assert_eq!(TraceContext::parse(&begun.to_string()), Some(begun));
    }

    proptest! {
        #[test]
        fn whatever_comes_is_read_or_refused(text in ".{0,300}") {
            let _ = (TraceContext::parse(&text), TraceContext::parse_xray(&text));
        }

        #[test]
        fn what_is_written_is_read(trace: [u8; 16], span: [u8; 8]) {
            let context = TraceContext::begin(trace, span);
            prop_assert_eq!(TraceContext::parse(&context.to_string()), Some(context));
        }
    }
}
