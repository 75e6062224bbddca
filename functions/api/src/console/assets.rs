//! What pages load: one stylesheet, our script, and two libraries as their makers publish them (`assets/`, with their licences).
//! A name carries the hash of what is behind it, so that a browser keeps it for good and asks again when it changed.

use crate::problem::Problem;
use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

/// A file that pages load.
pub(crate) struct Asset {
    stem: &'static str,
    ending: &'static str,
    content_type: &'static str,
    bytes: &'static [u8],
}

const SCRIPT: &str = "text/javascript; charset=utf-8";

pub(crate) static STYLE: Asset = Asset {
    stem: "console",
    ending: "css",
    content_type: "text/css; charset=utf-8",
    bytes: include_bytes!("../../assets/console.css"),
};
pub(crate) static CONSOLE: Asset = Asset {
    stem: "console",
    ending: "js",
    content_type: SCRIPT,
    bytes: include_bytes!("../../assets/console.js"),
};
pub(crate) static HTMX: Asset = Asset {
    stem: "htmx-2.0.11",
    ending: "js",
    content_type: SCRIPT,
    bytes: include_bytes!("../../assets/htmx-2.0.11.min.js"),
};
pub(crate) static MORPH: Asset = Asset {
    stem: "idiomorph-0.8.0",
    ending: "js",
    content_type: SCRIPT,
    bytes: include_bytes!("../../assets/idiomorph-ext-0.8.0.min.js"),
};
pub(crate) static ICON: Asset = Asset {
    stem: "icon",
    ending: "svg",
    content_type: "image/svg+xml",
    bytes: include_bytes!("../../assets/icon.svg"),
};

static ALL: LazyLock<Vec<(String, &'static Asset)>> = LazyLock::new(|| {
    [&STYLE, &CONSOLE, &HTMX, &MORPH, &ICON].into_iter().map(|asset| (asset.name(), asset)).collect()
});

impl Asset {
    /// `console.3f2a….css`.
    pub(crate) fn name(&self) -> String {
        format!("{}.{}.{}", self.stem, hash(self.bytes), self.ending)
    }
}

/// A short name of some bytes.
pub(crate) fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Serves one.
pub(super) async fn one(Path(name): Path<String>) -> Result<Response, Problem> {
    let (_, asset) = ALL.iter().find(|(known, _)| *known == name).ok_or_else(Problem::not_found)?;
    let kept = HeaderValue::from_static("public, max-age=31536000, immutable");
    Ok((
        [(header::CONTENT_TYPE, HeaderValue::from_static(asset.content_type)), (header::CACHE_CONTROL, kept)],
        asset.bytes,
    )
        .into_response())
}
