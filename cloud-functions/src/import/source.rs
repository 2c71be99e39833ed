//! Opens a file as text and recognises what it holds.

use std::io::Read as _;
use std::path::Path;

/// The largest file, unpacked.
pub(super) const MAX_BYTES: u64 = 1024 * 1024 * 1024;
const GZIP_MAGIC: &[u8] = &[0x1f, 0x8b];

/// Why a file could not be opened as text.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// It is not there, or may not be read.
    #[error("{file}: {reason}")]
    Io {
        /// Which.
        file: String,
        /// Why.
        reason: std::io::Error,
    },
    /// Over [`MAX_BYTES`].
    #[error("{0}: is larger than 1 GiB; split it")]
    TooLarge(String),
    /// Not UTF-8.
    #[error("{file}: is not UTF-8 from byte {byte} (line {line}); save it as UTF-8{hint}")]
    Encoding {
        /// Which.
        file: String,
        /// Where.
        byte: usize,
        /// On which line, from 1.
        line: usize,
        /// What it may be.
        hint: &'static str,
    },
    /// None of the formats.
    #[error(
        "{0}: is none of: Google Merchant feed (TSV, XML), Shopify products or customers CSV, orders CSV, items CSV, products YAML, GeoJSON fences, terms JSON"
    )]
    Unknown(String),
}

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    MerchantTsv,
    MerchantXml,
    ShopifyProducts,
    ShopifyCustomers,
    Orders,
    Items,
    ProductsYaml,
    Fences,
    Terms,
}

impl Format {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::MerchantTsv => "Google Merchant TSV",
            Self::MerchantXml => "Google Merchant XML",
            Self::ShopifyProducts => "Shopify products",
            Self::ShopifyCustomers => "Shopify customers",
            Self::Orders => "orders",
            Self::Items => "items",
            Self::ProductsYaml => "products YAML",
            Self::Fences => "GeoJSON fences",
            Self::Terms => "terms",
        }
    }
}

/// A file as text.
#[derive(Debug)]
pub(super) struct Source {
    name: String,
    text: String,
    format: Format,
}

impl Source {
    /// Reads a file, unpacks gzip, checks UTF-8, recognises the format.
    pub(super) fn open(path: &Path) -> Result<Self, SourceError> {
        let name = path.file_name().map_or_else(
            || path.display().to_string(),
            |name| name.to_string_lossy().into_owned(),
        );
        let io = |reason| SourceError::Io {
            file: path.display().to_string(),
            reason,
        };
        let mut packed = Vec::new();
        std::fs::File::open(path)
            .map_err(io)?
            .take(MAX_BYTES + 1)
            .read_to_end(&mut packed)
            .map_err(io)?;
        let mut bytes = Vec::new();
        if packed.starts_with(GZIP_MAGIC) {
            flate2::read::MultiGzDecoder::new(packed.as_slice())
                .take(MAX_BYTES + 1)
                .read_to_end(&mut bytes)
                .map_err(io)?;
        } else {
            bytes = packed;
        }
        if bytes.len() as u64 > MAX_BYTES {
            return Err(SourceError::TooLarge(name));
        }
        let text = decode(&name, bytes)?;
        let format = recognise(&text).ok_or_else(|| SourceError::Unknown(name.clone()))?;
        Ok(Self { name, text, format })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) const fn format(&self) -> Format {
        self.format
    }
}

fn decode(name: &str, mut bytes: Vec<u8>) -> Result<String, SourceError> {
    if bytes.starts_with(b"\xef\xbb\xbf") {
        bytes.drain(..3);
    }
    let hint = match bytes.as_slice() {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => " (it looks like UTF-16)",
        _ => " (it may be Windows-1252 or Latin-1)",
    };
    String::from_utf8(bytes).map_err(|error| {
        let byte = error.utf8_error().valid_up_to();
        let line = error
            .as_bytes()
            .iter()
            .take(byte)
            .filter(|b| **b == b'\n')
            .count()
            + 1;
        SourceError::Encoding {
            file: name.to_owned(),
            byte,
            line,
            hint,
        }
    })
}

fn recognise(text: &str) -> Option<Format> {
    let start = text.trim_start();
    let head = start.lines().next()?.to_lowercase();
    let has = |names: &[&str], separator: char| {
        let columns: Vec<_> = head
            .split(separator)
            .map(|column| column.trim().trim_matches('"'))
            .collect();
        names.iter().all(|name| columns.contains(name))
    };
    if start.starts_with('{') {
        Some(super::terms::is_terms(start).map_or(Format::Fences, |()| Format::Terms))
    } else if start.starts_with('<') {
        Some(Format::MerchantXml)
    } else if has(&["id", "title", "price"], '\t') {
        Some(Format::MerchantTsv)
    } else if has(&["handle", "variant sku"], ',') {
        Some(Format::ShopifyProducts)
    } else if has(&["first name", "last name", "email"], ',') {
        Some(Format::ShopifyCustomers)
    } else if super::orders::is_header(&head) {
        Some(Format::Orders)
    } else if has(&["sku"], ',') && (has(&["name"], ',') || has(&["title"], ',')) {
        Some(Format::Items)
    } else if start.starts_with("- id:") {
        Some(Format::ProductsYaml)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_recognised_by_what_it_holds() {
        assert_eq!(recognise("id\ttitle\tprice\n"), Some(Format::MerchantTsv));
        assert_eq!(
            recognise("<?xml version=\"1.0\"?><rss/>"),
            Some(Format::MerchantXml)
        );
        assert_eq!(
            recognise("Handle,Title,Variant SKU\n"),
            Some(Format::ShopifyProducts)
        );
        assert_eq!(
            recognise("First Name,Last Name,Email\n"),
            Some(Format::ShopifyCustomers)
        );
        assert_eq!(
            recognise("ts,invoice,customer,country,sku,qty,price\r\n"),
            Some(Format::Orders)
        );
        assert_eq!(recognise("sku,name,median_price\n"), Some(Format::Items));
        assert_eq!(
            recognise("{\"type\":\"FeatureCollection\"}"),
            Some(Format::Fences)
        );
        assert_eq!(
            recognise("{\n \"promotions\": [], \"tax\": \"inclusive\"}"),
            Some(Format::Terms)
        );
        assert_eq!(recognise("hello"), None);
        assert_eq!(recognise(""), None);
    }

    #[test]
    fn another_encoding_is_named_with_its_line() {
        let error = decode("f.csv", b"a\nb\xe9\n".to_vec()).unwrap_err();
        assert!(
            matches!(
                error,
                SourceError::Encoding {
                    byte: 3,
                    line: 2,
                    ..
                }
            ),
            "{error}"
        );
        let utf16 = decode("f.csv", b"\xff\xfea\0".to_vec())
            .unwrap_err()
            .to_string();
        assert!(utf16.contains("UTF-16"), "{utf16}");
        assert_eq!(decode("f.csv", b"\xef\xbb\xbfid".to_vec()).unwrap(), "id");
    }
}
