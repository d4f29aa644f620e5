//! Backups: of either database into either, of an older version, damaged, and of somebody else.

use std::path::Path;
use std::sync::Arc;

use dermaga_domain::id::MessageId;
use dermaga_domain::time::Time;
use dermaga_testdb::postgres::Postgres;
use tempfile::TempDir;

use super::{Org, TestClock, on_both, test_clock};
use crate::backup::{Error, Key, Lock, back_up, check, new_identity, restore};
use crate::db::testing::{Fixture, server};
use crate::db::{AppRole, Lines, Snapshot, migrate_until};
use crate::open::MIGRATIONS;
use crate::{Options, Received, Store};

/// The root key of every test's store.
const ROOT: [u8; 32] = [7; 32];

/// Every row of every table that a backup holds, in an order of its own.
async fn rows(url: &str, options: &Options) -> Vec<String> {
    let mut snapshot = Snapshot::begin(url, options).await.unwrap();
    let (to, mut from) = tokio::sync::mpsc::channel(1_000_000);
    let mut lines = Lines::new(to);
    let orgs = snapshot.orgs().await.unwrap();
    for table in snapshot.tables().await.unwrap() {
        if ["session", "lease", "node"].contains(&table.name.as_str()) {
            continue;
        }
        let of =
            if table.is_of_orgs() { orgs.iter().copied().map(Some).collect() } else { vec![None] };
        for org in of {
            lines.push(&table.name).await.unwrap();
            snapshot.rows(&table, org, &mut lines).await.unwrap();
        }
    }
    lines.flush().await.unwrap();
    drop(lines);
    snapshot.end().await.unwrap();
    let mut bytes = Vec::new();
    while let Some(chunk) = from.recv().await {
        bytes.extend(chunk);
    }
    String::from_utf8(bytes).unwrap().lines().map(str::to_owned).collect()
}

/// A database that nothing was made in yet.
struct Empty {
    url: String,
    options: Options,
    _server: Option<Arc<Postgres>>,
    _folder: TempDir,
}

impl Empty {
    fn sqlite() -> Self {
        let folder = TempDir::new().unwrap();
        let url = format!("sqlite:{}", folder.path().join("new.db").display());
        Self { url, options: Options::default(), _server: None, _folder: folder }
    }

    fn postgres() -> Self {
        let server = server();
        let url = server.create_database().unwrap();
        let name = format!("app_{}", url.rsplit('/').next().unwrap());
        let role = Some(AppRole::new(&name, "invented").unwrap());
        let options = Options { role, readers: 4, writers: 4, ..Options::default() };
        Self { url, options, _server: Some(server), _folder: TempDir::new().unwrap() }
    }
}

/// Messages, one of them longer than a page.
async fn furnished(org: &Org) {
    for body in [vec![b'x'; 100_000], b"{}".to_vec()] {
        let received = Received {
            org: org.org,
            connection: org.connection,
            shop: Some(org.shop),
            kind: "order".to_owned(),
            body,
        };
        org.store.receive(received).await.unwrap();
    }
}

async fn taken(org: &Org, file: &Path, lock: &Lock) -> crate::backup::Contents {
    let clock: &TestClock = &org.clock;
    let Fixture { url, options, .. } = &*org.fixture;
    back_up(url, options, ROOT, clock, (file, lock)).await.unwrap()
}

#[tokio::test]
async fn a_backup_of_either_database_fills_either() {
    on_both(async |org| {
        furnished(&org).await;
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("backup");
        let contents = taken(&org, &file, &Lock::RootKey).await;
        assert_eq!((contents.rows["message"], contents.rows["shop"]), (2, 1));
        assert_eq!(check(&file, &Key::RootKey, ROOT).await.unwrap(), contents);
        let before = rows(&org.fixture.url, &org.fixture.options).await;
        for empty in [Empty::sqlite(), Empty::postgres()] {
            let place = (empty.url.as_str(), &empty.options);
            let staged = restore((&file, &Key::RootKey), ROOT, place).await.unwrap();
            assert_eq!(staged.finish().unwrap().rows, contents.rows);
            let mut after = rows(&empty.url, &empty.options).await;
            let mut before = before.clone();
            after.sort();
            before.sort();
            assert_eq!(after, before);
            let options = empty.options.clone();
            let store = Store::open(&empty.url, options, ROOT, test_clock()).await.unwrap();
            let opened = store.pending(org.org, MessageId(0), 10).await.unwrap();
            assert_eq!(opened[0].body.as_ref().unwrap().len(), 100_000);
            store.close().await;
            let again = restore((&file, &Key::RootKey), ROOT, place).await.unwrap_err();
            assert!(matches!(again, Error::Occupied(_)), "{again}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_backup_of_an_older_version_is_brought_to_the_newest() {
    for old in [Empty::sqlite(), Empty::postgres()] {
        let Empty { url, options, .. } = &old;
        migrate_until(url, &MIGRATIONS, options.role.as_ref(), Some(4)).await.unwrap();
        let store = Store::open(url, options.clone(), ROOT, test_clock()).await.unwrap();
        store.create_org("Toko Contoh").await.unwrap();
        store.close().await;
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("backup");
        let clock = test_clock();
        let lock = Lock::RootKey;
        let contents = back_up(url, options, ROOT, &*clock, (&file, &lock)).await.unwrap();
        assert_eq!((contents.header.schema, contents.rows.contains_key("retention")), (4, false));
        let empty = Empty::sqlite();
        let place = (empty.url.as_str(), &empty.options);
        restore((&file, &Key::RootKey), ROOT, place).await.unwrap().finish().unwrap();
        let store = Store::open(&empty.url, Options::default(), ROOT, clock).await.unwrap();
        let schema = store.schema().await.unwrap();
        assert_eq!(schema.applied, schema.newest);
        assert_eq!(store.orgs().await.unwrap().len(), 1);
        store.close().await;
    }
}

#[tokio::test]
async fn what_is_damaged_cut_off_or_for_another_key_is_refused() {
    let org = super::open(Arc::new(Fixture::sqlite(&MIGRATIONS, Options::default()).await)).await;
    furnished(&org).await;
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("backup");
    taken(&org, &file, &Lock::RootKey).await;
    let whole = std::fs::read(&file).unwrap();
    let damaged = folder.path().join("damaged");
    let lengths = [0, 1, 100, whole.len() / 2, whole.len() - 1];
    for length in lengths {
        std::fs::write(&damaged, &whole[..length]).unwrap();
        let refused = check(&damaged, &Key::RootKey, ROOT).await.unwrap_err();
        assert!(matches!(refused, Error::Unreadable(_)), "cut at {length}: {refused}");
    }
    for at in [10, 150, whole.len() / 2, whole.len() - 1] {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        std::fs::write(&damaged, &changed).unwrap();
        let refused = check(&damaged, &Key::RootKey, ROOT).await.unwrap_err();
        assert!(matches!(refused, Error::Unreadable(_)), "changed at {at}: {refused}");
    }
    let other = check(&file, &Key::RootKey, [8; 32]).await.unwrap_err();
    assert!(matches!(other, Error::Unreadable(_)), "{other}");
    let clock: &TestClock = &org.clock;
    let place = (file.as_path(), &Lock::RootKey);
    let again = back_up(&org.fixture.url, &org.fixture.options, ROOT, clock, place).await;
    assert!(matches!(again.unwrap_err(), Error::Unwritable { .. }), "nothing is overwritten");
}

#[tokio::test]
async fn a_backup_for_a_recipient_opens_with_its_identity_and_needs_the_root_key_as_well() {
    let org = super::open(Arc::new(Fixture::sqlite(&MIGRATIONS, Options::default()).await)).await;
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("backup");
    let (identity, recipient) = new_identity();
    let contents = taken(&org, &file, &Lock::Recipients(vec![recipient])).await;
    assert!(
        contents.header.mark_us >= super::START.0
            && Time(contents.header.mark_us) <= org.store.now()
    );
    let key = Key::Identity(identity);
    assert_eq!(check(&file, &key, ROOT).await.unwrap(), contents);
    assert!(matches!(check(&file, &key, [8; 32]).await.unwrap_err(), Error::OtherRootKey));
    let stranger = Key::Identity(new_identity().0);
    for key in [stranger, Key::RootKey, Key::Identity("nobody".to_owned())] {
        assert!(matches!(check(&file, &key, ROOT).await.unwrap_err(), Error::Unreadable(_)));
    }
}
