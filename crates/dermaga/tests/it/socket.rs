//! The socket of a hub: who asks gets what the command line would have said.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use dermaga::commands::ask;
use dermaga::commands::asked::{Asked, Given};
use dermaga::hub::Place;
use dermaga::listed::Listed;
use dermaga::socket::{self, Answer, Listening, Request};

use crate::terminal::{OPENING, Terminal};

fn place(folder: &Path) -> Place {
    let database = format!("sqlite:{}", folder.join("hub.db").display());
    Place { database, keys: folder.to_owned(), reach: Listed::default() }
}

/// What the binary does with these arguments.
async fn command(folder: &Path, args: &[&str]) -> Answer {
    let database = place(folder).database;
    let args = args.iter().copied().chain(["--database", &database]);
    let args: Vec<String> = args.map(str::to_owned).collect();
    let asked = Asked::parse(&args).unwrap();
    ask::answer(&asked, args).await.unwrap()
}

#[tokio::test]
async fn a_running_hub_answers_with_text_and_status_and_takes_its_socket_away() {
    let terminal = Terminal::start().await;
    let folder = terminal.app.folder.path().to_owned();
    let opened = Listening::open(&place(&folder), &terminal.app.engine).unwrap().unwrap();
    let path = socket::path(&place(&folder)).unwrap();
    assert_eq!(path, folder.join("hub.db.sock"));
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    // The file is read where the person is, not by the hub.
    let csv = folder.join("opening.csv");
    std::fs::write(&csv, OPENING).unwrap();
    let answer = command(&folder, &["stock", "opening", &csv.display().to_string()]).await;
    let text = "3 rows were taken, 3 SKUs were made for them.\n".to_owned();
    assert_eq!(answer, Answer { text, ..Answer::default() });
    let answer = command(&folder, &["stock", "show"]).await;
    assert_eq!(answer.text, terminal.ok(&["stock", "show"]).await);
    assert_eq!(answer.text.lines().count(), 4);
    let answer = command(&folder, &["shop", "set", "480001", "--from", "2026-01-01"]).await;
    assert!(answer.error.unwrap().ends_with("(DMG-0204)"));
    let doctor = command(&folder, &["doctor", "--invariants"]).await;
    assert!(doctor.error.is_none() && doctor.text.contains("hub that runs"), "{doctor:?}");

    opened.close().await;
    assert!(!path.exists());
}

#[tokio::test]
async fn a_request_that_cannot_be_read_is_answered() {
    let terminal = Terminal::start().await;
    let folder = terminal.app.folder.path().to_owned();
    let opened = Listening::open(&place(&folder), &terminal.app.engine).unwrap().unwrap();
    let path = socket::path(&place(&folder)).unwrap();
    let request = Request { args: vec!["dance".to_owned()], given: Given::default() };
    let answer = socket::ask(&path, &request).await.unwrap().unwrap();
    assert!(answer.error.unwrap().contains("unrecognized subcommand 'dance'"));
    opened.close().await;
    assert_eq!(socket::ask(&path, &request).await.unwrap(), None);
}

#[tokio::test]
async fn a_socket_left_of_a_killed_hub_is_passed_over_and_replaced() {
    let terminal = Terminal::start().await;
    let folder = terminal.app.folder.path().to_owned();
    let path = socket::path(&place(&folder)).unwrap();
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    let request = Request { args: vec!["doctor".to_owned()], given: Given::default() };
    assert_eq!(socket::ask(&path, &request).await.unwrap(), None);
    let opened = Listening::open(&place(&folder), &terminal.app.engine).unwrap().unwrap();
    assert!(socket::ask(&path, &request).await.unwrap().unwrap().error.is_none());
    opened.close().await;
}

#[tokio::test]
async fn who_owns_the_file_without_a_socket_is_named() {
    let terminal = Terminal::start().await;
    let folder = terminal.app.folder.path().to_owned();
    let database = place(&folder).database;
    let args = ["doctor", "--database", &database, "--keys", &folder.display().to_string()];
    let args: Vec<String> = args.map(str::to_owned).into();
    let asked = Asked::parse(&args).unwrap();
    let error = ask::answer(&asked, args).await.unwrap_err();
    let line = dermaga::commands::trouble::line(&error);
    assert!(line.contains("another running process") && line.ends_with("(DMG-0102)"), "{line}");
}

#[tokio::test]
async fn without_a_hub_the_command_opens_the_database_itself() {
    let folder = tempfile::TempDir::new().unwrap();
    let here = async |args: &[&str]| {
        let keys = folder.path().display().to_string();
        command(folder.path(), &[args, &["--keys", &keys]].concat()).await
    };
    let nothing = here(&["shop", "list"]).await;
    assert!(nothing.error.unwrap().contains("dermaga user create-owner"));
    let made = here(&["user", "create-owner", "a@example.test", "--name", "Ani"]).await;
    assert!(
        made.error.is_none() && made.text.starts_with("a@example.test can log in."),
        "{made:?}"
    );
    let doctor = here(&["doctor", "--json"]).await;
    assert_eq!(doctor.error, None, "{}", doctor.text);
}
