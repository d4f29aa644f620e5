//! Gathers the stylesheet, the scripts and the pictures, packs each once and names it by its
//! content, so that a browser may keep it for ever.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use flate2::{Compression, Crc, write::GzEncoder};

/// Stem, extension, content type and where the file comes from.
const SOURCES: [(&str, &str, &str, &str); 6] = [
    ("style", "css", "text/css; charset=utf-8", "assets/style.css"),
    ("app", "js", "text/javascript; charset=utf-8", "assets/app.js"),
    ("icons", "svg", "image/svg+xml", "assets/icons.svg"),
    ("mark", "svg", "image/svg+xml", "assets/mark.svg"),
    ("htmx", "js", "text/javascript; charset=utf-8", "node_modules/htmx.org/dist/htmx.min.js"),
    (
        "hx-sse",
        "js",
        "text/javascript; charset=utf-8",
        "node_modules/htmx.org/dist/ext/hx-sse.min.js",
    ),
];

fn main() -> ExitCode {
    match gather() {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            println!("cargo::error={reason}");
            ExitCode::FAILURE
        }
    }
}

fn gather() -> Result<(), String> {
    let root = folder("CARGO_MANIFEST_DIR")?;
    let out = folder("OUT_DIR")?;
    let mut table =
        String::from("/// Every file a page may ask for.\nstatic ASSETS: &[Asset] = &[\n");
    let mut names = String::new();
    for (stem, extension, content_type, source) in SOURCES {
        println!("cargo::rerun-if-changed={source}");
        let bytes = read(&root.join(source), source)?;
        let path = format!("/assets/{stem}.{:08x}.{extension}", fingerprint(&bytes));
        let plain = out.join(format!("{stem}.{extension}"));
        let packed = out.join(format!("{stem}.{extension}.gz"));
        write(&plain, &bytes)?;
        write(&packed, &gzip(&bytes).map_err(|e| format!("cannot pack {source}: {e}"))?)?;
        let constant = stem.to_uppercase().replace('-', "_");
        let kind = extension.to_uppercase();
        writeln!(names, "pub(crate) const {constant}_{kind}: &str = {path:?};")
            .and_then(|()| {
                writeln!(
                    table,
                    "    Asset {{ path: {path:?}, content_type: {content_type:?}, bytes: \
                     include_bytes!({plain:?}), gzip_bytes: include_bytes!({packed:?}) }},"
                )
            })
            .map_err(|e| e.to_string())?;
    }
    table.push_str("];\n");
    table.push_str(&names);
    write(&out.join("assets.rs"), table.as_bytes())
}

#[expect(clippy::disallowed_methods, reason = "cargo tells a build script its folders this way")]
fn folder(name: &str) -> Result<PathBuf, String> {
    std::env::var(name).map(PathBuf::from).map_err(|e| format!("{name}: {e}"))
}

fn read(path: &Path, source: &str) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|e| {
        if source.starts_with("node_modules") {
            format!("{source} is missing; run: npm ci --ignore-scripts --prefix crates/ui")
        } else {
            format!("cannot read {}: {e}", path.display())
        }
    })
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    std::fs::write(path, bytes).map_err(|e| format!("cannot write {}: {e}", path.display()))
}

/// Names a content for caches; nothing is secured by it.
fn fingerprint(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}

fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    packer.write_all(bytes)?;
    packer.finish()
}
