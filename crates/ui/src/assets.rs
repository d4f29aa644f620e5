//! The files a page asks for: stylesheet, scripts, pictures. Embedded, packed and named by their
//! content at build.

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// One file, as it is and packed with gzip.
#[derive(Debug)]
pub struct Asset {
    /// Where pages ask for it, `/assets/<stem>.<fingerprint>.<extension>`; a path names one content
    /// for ever.
    pub path: &'static str,
    /// For the header of the same name.
    pub content_type: &'static str,
    /// The content as it is.
    pub bytes: &'static [u8],
    /// The same, packed with gzip.
    pub gzip_bytes: &'static [u8],
}

/// Every file a page may ask for.
pub fn assets() -> &'static [Asset] {
    ASSETS
}
