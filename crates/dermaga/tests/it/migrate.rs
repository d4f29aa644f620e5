//! `dermaga migrate`: which database it brings up to date, and the role that it makes there.

use std::path::Path;
use std::process::{Command, Output};

use dermaga_testdb::postgres::Postgres;
use tempfile::TempDir;

/// Runs the binary in a folder of its own, with nothing but these variables for a database.
fn dermaga(folder: &Path, variables: &[(&str, &str)], args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dermaga"));
    command.env_remove("DERMAGA_DATABASE").env_remove("DERMAGA_POSTGRES");
    command.envs(variables.iter().copied()).args(args).current_dir(folder);
    command.output().unwrap()
}

fn well(output: &Output) {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_owners_address_comes_from_the_environment_when_no_database_is_named() {
    let folder = TempDir::new().unwrap();
    let server = Postgres::start_own().unwrap();
    let owner = server.create_database().unwrap();
    let named = [("DERMAGA_POSTGRES", owner.as_str())];
    well(&dermaga(folder.path(), &named, &["migrate"]));
    let role = "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcanlogin FROM pg_roles
                WHERE rolname = 'dermaga_app'";
    assert_eq!(server.query(role).unwrap(), "f|f|f|t", "neither superuser nor above the rows");
    // Works as that role: a superuser, or the owner of a table, would be refused.
    well(&dermaga(folder.path(), &named, &["doctor"]));
    assert!(folder.path().join("dermaga-role.password").exists());
    assert!(!folder.path().join("dermaga.db").exists());

    // Whoever names a database means that one.
    let other = [named[0], ("DERMAGA_DATABASE", "sqlite:named.db")];
    well(&dermaga(folder.path(), &other, &["migrate"]));
    assert!(folder.path().join("named.db").exists());
    well(&dermaga(folder.path(), &named, &["migrate", "--database", "sqlite:asked.db"]));
    assert!(folder.path().join("asked.db").exists());

    // The address may hold a password: nobody reads it from the help.
    let help = dermaga(folder.path(), &named, &["migrate", "--help"]);
    let help = String::from_utf8_lossy(&help.stdout).into_owned();
    assert!(help.contains("DERMAGA_POSTGRES") && !help.contains(&owner), "{help}");
    well(&dermaga(folder.path(), &[], &["migrate"]));
    assert!(folder.path().join("dermaga.db").exists());
}
