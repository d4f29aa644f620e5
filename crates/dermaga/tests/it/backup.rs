//! The program itself: backups taken and restored, and a new root key.

use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

/// Runs the program on a database with a folder of keys.
fn run(database: &Path, keys: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_dermaga"))
        .args(args)
        .env_remove("DERMAGA_POSTGRES")
        .env("DERMAGA_DATABASE", format!("sqlite:{}", database.display()))
        .env("DERMAGA_KEYS", keys)
        .output()
        .unwrap()
}

fn ok(database: &Path, keys: &Path, args: &[&str]) -> String {
    let output = run(database, keys, args);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{args:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

/// What the program says when it refuses.
fn refused(database: &Path, keys: &Path, args: &[&str]) -> String {
    let output = run(database, keys, args);
    assert!(!output.status.success(), "{args:?} was not refused");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_backup_is_taken_checked_and_restored_and_the_root_key_is_replaced() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    let (database, keys, elsewhere) = (path("hub.db"), path("keys"), path("elsewhere.db"));
    std::fs::create_dir(&keys).unwrap();
    ok(&database, &keys, &["user", "create-owner", "pemilik", "--name", "Pemilik"]);
    let (file, first) = (path("first.backup"), path("first.backup").display().to_string());

    let told = ok(&database, &keys, &["backup", &first]);
    assert!(told.contains("everything until") && file.exists(), "{told}");
    assert!(ok(&database, &keys, &["doctor"]).contains("the last one is of"));
    let again = refused(&database, &keys, &["backup", &first]);
    assert!(again.contains("DMG-0904"), "{again}");
    let checked = ok(&database, &keys, &["restore", "--check", &first]);
    assert!(checked.contains("whole"), "{checked}");
    let taken = refused(&database, &keys, &["restore", &first]);
    assert!(taken.contains("DMG-0902"), "{taken}");

    let line = r#"{"channel":"tokopedia","shop":"1","order":"2","at":0}"#;
    std::fs::write(keys.join("dermaga-erasures"), format!("{line}\n")).unwrap();
    let told = ok(&elsewhere, &keys, &["restore", &first]);
    assert!(told.contains("restored"), "{told}");
    let sound = ok(&elsewhere, &keys, &["doctor", "--invariants"]);
    assert!(sound.contains("0 found"), "{sound}");

    let empty = path("no-keys");
    std::fs::create_dir(&empty).unwrap();
    let third = path("third.db");
    let keyless = refused(&third, &empty, &["restore", &first]);
    assert!(keyless.contains("DMG-0501") && !empty.join("dermaga.key").exists(), "{keyless}");

    let old = std::fs::read(keys.join("dermaga.key")).unwrap();
    ok(&database, &keys, &["rotate-key"]);
    assert_ne!(std::fs::read(keys.join("dermaga.key")).unwrap(), old);
    assert_eq!(std::fs::read(keys.join("dermaga.key.old")).unwrap(), old);
    ok(&database, &keys, &["doctor"]);
    let other = refused(&third, &keys, &["restore", &first]);
    assert!(other.contains("DMG-0901"), "{other}");
    std::fs::write(empty.join("dermaga.key"), old).unwrap();
    ok(&third, &empty, &["restore", &first]);
}

#[test]
fn a_folder_keeps_backups_for_an_identity_of_its_own() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    let (database, keys, into) = (path("hub.db"), path("keys"), path("backups"));
    std::fs::create_dir(&keys).unwrap();
    std::fs::create_dir(&into).unwrap();
    ok(&database, &keys, &["user", "create-owner", "pemilik", "--name", "Pemilik"]);
    let identity = path("identity").display().to_string();
    let told = ok(&database, &keys, &["backup", "--new-identity", &identity]);
    let recipient = told.lines().next().unwrap();
    std::fs::write(into.join("dermaga-20200101T000000Z.backup"), "old").unwrap();
    let folder_of = into.display().to_string();
    let args = ["backup", "--into", &folder_of, "--keep-days", "30", "--recipient", recipient];
    let told = ok(&database, &keys, &args);
    assert!(told.contains("1 older ones were removed"), "{told}");
    let files: Vec<_> =
        std::fs::read_dir(&into).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    let file = files[0].display().to_string();
    assert!(refused(&database, &keys, &["restore", "--check", &file]).contains("DMG-0901"));
    ok(&database, &keys, &["restore", "--check", "--identity", &identity, &file]);
}
