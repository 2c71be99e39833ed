//! Where the cloud is. Secrets go there, so it is HTTPS, or this very machine.

use reqwest::Url;

/// Why a text is not the cloud's address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Not `https://host[:port]` or `http://…`.
    #[error("`{0}` is not the address of a cloud, such as https://cloud.example.com")]
    NotAnAddress(String),
    /// Plain HTTP to another machine.
    #[error("`{0}` would send the device's secret over plain HTTP: use https")]
    Plain(String),
}

/// The cloud's address, without a slash at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloudAddress {
    text: String,
    plain: bool,
}

impl CloudAddress {
    /// Reads an address.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let wrong = || AddressError::NotAnAddress(text.to_owned());
        let url = Url::parse(text.trim()).map_err(|_| wrong())?;
        let host = url.host_str().ok_or_else(wrong)?;
        let bare = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
        if !bare || url.password().is_some() {
            return Err(wrong());
        }
        let plain = match url.scheme() {
            "https" => false,
            "http" => true,
            _ => return Err(wrong()),
        };
        if plain && !is_loopback(host) {
            return Err(AddressError::Plain(text.to_owned()));
        }
        Ok(Self {
            text: url.as_str().trim_end_matches('/').to_owned(),
            plain,
        })
    }

    /// Whether it is plain HTTP on this machine.
    #[must_use]
    pub const fn is_plain(&self) -> bool {
        self.plain
    }

    pub(super) fn join(&self, path: &str) -> String {
        format!("{}{path}", self.text)
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || address
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_do_not_travel_in_the_open() {
        assert!(matches!(
            CloudAddress::parse("http://10.0.0.8:4170"),
            Err(AddressError::Plain(_))
        ));
        assert!(
            CloudAddress::parse("http://127.0.0.1:4170")
                .unwrap()
                .is_plain()
        );
        assert!(
            CloudAddress::parse("http://[::1]:4170/")
                .unwrap()
                .is_plain()
        );
        let address = CloudAddress::parse("https://cloud.example.com/aisle/").unwrap();
        assert_eq!(address.join("/v1"), "https://cloud.example.com/aisle/v1");
        assert!(!address.is_plain());
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["", "cloud", "ftp://x", "https://a:b@c", "https://x/?q=1"] {
            assert!(
                matches!(
                    CloudAddress::parse(text),
                    Err(AddressError::NotAnAddress(_))
                ),
                "{text}"
            );
        }
    }
}
