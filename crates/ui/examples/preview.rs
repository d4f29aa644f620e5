//! Writes every sample of every page in both languages into a folder, with the assets:
//! `cargo run -p dermaga-ui --example preview -- <folder>`; serve the folder on the loopback.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use dermaga_ui::{Language, assets, samples};

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("which folder? preview <folder>");
        return ExitCode::FAILURE;
    };
    match write(&folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn write(folder: &Path) -> Result<(), Box<dyn std::error::Error>> {
    std::fs::create_dir_all(folder.join("assets"))?;
    for asset in assets() {
        std::fs::write(folder.join(asset.path.trim_start_matches('/')), asset.bytes)?;
    }
    for language in Language::ALL {
        for sample in samples(*language) {
            let file = format!("{}.{}.html", sample.name, language.code());
            std::fs::write(folder.join(file), sample.page.render()?)?;
        }
    }
    Ok(())
}
