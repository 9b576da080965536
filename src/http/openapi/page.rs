//! The page that shows the document: Swagger UI, from files that are built in.
//!
//! They come as a ZIP archive. Its entries are compressed as gzip compresses, and are sent so: only
//! the frame around them differs.

use std::sync::LazyLock;

use bytes::Bytes;
use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED as ARCHIVE;

/// The page. It takes everything else from this server.
const HTML: &str = r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Podium</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/swagger-ui/swagger-ui.css">
<div id="page"></div>
<script src="/swagger-ui/swagger-ui-bundle.js"></script>
<script src="/swagger-ui/start.js"></script>
</html>
"#;

/// What the page does.
const START: &str = r##"SwaggerUIBundle({
    url: "/openapi.json",
    dom_id: "#page",
    deepLinking: true,
    docExpansion: "none",
    validatorUrl: null,
});
"##;

/// How the page may behave: it loads nothing from elsewhere and sends nothing there. It writes
/// styles into its elements.
pub const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                          img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
                          frame-ancestors 'none'";

/// A file of the page.
#[derive(Clone)]
pub struct Asset {
    /// Its media type.
    pub kind: &'static str,
    /// Its content.
    pub body: Bytes,
    /// Whether the content is compressed by gzip.
    pub compressed: bool,
}

static CSS: LazyLock<Bytes> = LazyLock::new(|| gzip("swagger-ui.css"));
static BUNDLE: LazyLock<Bytes> = LazyLock::new(|| gzip("swagger-ui-bundle.js"));

/// The file of this name, or the page itself where the name is empty.
pub fn asset(name: &str) -> Option<Asset> {
    let (script, style) = ("application/javascript; charset=utf-8", "text/css; charset=utf-8");
    let plain = |kind, text| Asset { kind, body: Bytes::from_static(text), compressed: false };
    Some(match name {
        "" => plain("text/html; charset=utf-8", HTML.as_bytes()),
        "start.js" => plain(script, START.as_bytes()),
        "swagger-ui.css" => Asset { kind: style, body: CSS.clone(), compressed: true },
        "swagger-ui-bundle.js" => Asset { kind: script, body: BUNDLE.clone(), compressed: true },
        _ => return None,
    })
}

/// The file `name` below `dist` in the archive, as gzip; empty if it is not there, which a test
/// rules out.
fn gzip(name: &str) -> Bytes {
    find(ARCHIVE, &format!("/dist/{name}")).unwrap_or_default().into()
}

/// An entry of a ZIP archive whose name ends so, with the frame of gzip around what is compressed.
fn find(archive: &[u8], suffix: &str) -> Option<Vec<u8>> {
    const ENTRY: &[u8] = b"PK\x01\x02";
    const DEFLATED: u64 = 8;
    // The directory stands at the end, and the record of where it begins at the very end, before a
    // comment.
    let end = archive.windows(4).rposition(|part| part == b"PK\x05\x06")?;
    let mut entry = archive.get(place(archive, end + 16, 4)?..)?;
    while entry.starts_with(ENTRY) {
        let (compressed, lengths) = (place(entry, 20, 4)?, [28, 30, 32]);
        let [name, extra, comment] = lengths.map(|at| place(entry, at, 2));
        let (name, rest) = (name?, extra? + comment?);
        if entry.get(46..46 + name)?.ends_with(suffix.as_bytes()) {
            let local = archive.get(place(entry, 42, 4)?..)?;
            let content = 30 + place(local, 26, 2)? + place(local, 28, 2)?;
            let content = local.get(content..content + compressed)?;
            let (check, size) = (entry.get(16..20)?, entry.get(24..28)?);
            let frame = b"\x1f\x8b\x08\0\0\0\0\0\0\xff";
            return (number(entry, 10, 2)? == DEFLATED)
                .then(|| [frame, content, check, size].concat());
        }
        entry = entry.get(46 + name + rest..)?;
    }
    None
}

/// A number of `length` bytes that stands at `at`, the lowest first.
fn number(bytes: &[u8], at: usize, length: usize) -> Option<u64> {
    let found = bytes.get(at..at + length)?;
    Some(found.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

/// A number that is a place or a length.
fn place(bytes: &[u8], at: usize, length: usize) -> Option<usize> {
    number(bytes, at, length)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_files_are_there() {
        for name in ["", "start.js", "swagger-ui.css", "swagger-ui-bundle.js"] {
            let asset = asset(name).unwrap();
            assert!(asset.body.len() > 100, "{name}");
            assert_eq!(asset.compressed, asset.body.starts_with(b"\x1f\x8b"), "{name}");
        }
        assert!(asset("swagger-ui-standalone-preset.js").is_none());
    }

    #[test]
    fn the_page_names_the_files() {
        for part in HTML.split("/swagger-ui/").skip(1) {
            let name = part.split('"').next().unwrap();
            assert!(asset(name).is_some(), "{name}");
        }
    }
}
