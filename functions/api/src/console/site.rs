//! Where the console is, as a browser sees it, and what holds for every answer of it.

use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri, header};

/// Where the API is, as a browser sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Site {
    /// Scheme and host; empty where they do not matter.
    pub origin: String,
    /// What stands before every path: nothing on AWS, the stage's address at a local one.
    pub base: String,
    /// Whether it is reached over plain HTTP, as a local AWS is: cookies are for HTTPS alone anywhere else.
    pub plain: bool,
    /// Where else a page may connect to: the address of the live updates.
    pub live: Option<String>,
    /// Where else a form may be sent to: the address that takes proofs.
    pub uploads: Option<String>,
}

impl Site {
    /// The site at an address, such as `https://abc.execute-api.eu-west-1.amazonaws.com`.
    pub fn at(address: &Uri) -> Self {
        let base = address.path().trim_end_matches('/').to_owned();
        let scheme = address.scheme_str().unwrap_or("https");
        let origin = address.authority().map(|host| format!("{scheme}://{host}")).unwrap_or_default();
        Self { origin, base, plain: scheme == "http", ..Self::default() }
    }

    /// The same, whose forms may be sent to an address elsewhere.
    #[must_use]
    pub fn uploading_to(self, address: &str) -> Self {
        Self { uploads: Some(address.to_owned()), ..self }
    }

    /// The whole address of a page, for others to lead to.
    pub(crate) fn absolute(&self, path: &str) -> String {
        format!("{}{}", self.origin, self.href(path))
    }

    /// The address of a page of the console; `path` begins with a slash, or is empty for the first page.
    pub(crate) fn href(&self, path: &str) -> String {
        format!("{}/console{path}", self.base)
    }

    /// What every page is sent with: no script, style, frame or connection but our own, and no address given away.
    pub(crate) fn guard(&self, headers: &mut HeaderMap) {
        let also = |place: &Option<String>| place.as_ref().map(|it| format!(" {it}")).unwrap_or_default();
        let policy = format!(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'{}; form-action 'self'{}; \
             base-uri 'none'; frame-ancestors 'none'",
            also(&self.live),
            also(&self.uploads),
        );
        let fixed = [
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            // Not `no-referrer`: with that a browser's forms do not say where they come from.
            (header::REFERRER_POLICY, "same-origin"),
            (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
            (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
        ];
        for (name, value) in fixed {
            headers.insert(name, HeaderValue::from_static(value));
        }
        if let Ok(policy) = HeaderValue::try_from(policy) {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        if !self.plain {
            let year = HeaderValue::from_static("max-age=31536000");
            headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
        }
    }
}

/// Whether a call that changes something comes from a page of ours: a browser says so itself, and an old one names at least the origin.
/// What says neither is no browser, and has no business with a browser's cookie.
pub(crate) fn is_same_origin(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|it| it.to_str().ok());
    match text("sec-fetch-site") {
        Some(site) => site == "same-origin",
        None => match (text("origin"), text("host")) {
            (Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, from)| from == host),
            _ => false,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_is_the_path_of_the_address() {
        for (address, base, plain) in [
            ("https://abc.execute-api.eu-west-1.amazonaws.com", "", false),
            ("https://money.example/api/", "/api", false),
            ("http://127.0.0.1:4566/_aws/execute-api/abc/$default", "/_aws/execute-api/abc/$default", true),
        ] {
            let site = Site::at(&address.parse().unwrap());
            assert_eq!((site.base.as_str(), site.plain), (base, plain), "{address}");
            assert_eq!(site.href("/runs"), format!("{base}/console/runs"));
        }
    }

    #[test]
    fn only_our_own_pages_change_anything() {
        for (headers, expect) in [
            (vec![("sec-fetch-site", "same-origin")], true),
            (vec![("sec-fetch-site", "same-site")], false),
            (vec![("sec-fetch-site", "cross-site"), ("origin", "https://a"), ("host", "a")], false),
            (vec![("sec-fetch-site", "none")], false),
            (vec![("origin", "https://a:1"), ("host", "a:1")], true),
            (vec![("origin", "https://b"), ("host", "a")], false),
            (vec![("origin", "null"), ("host", "null")], false),
            (vec![("host", "a")], false),
            (vec![], false),
        ] {
            let map = headers
                .iter()
                .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
            assert_eq!(is_same_origin(&map.collect()), expect, "{headers:?}");
        }
    }
}
