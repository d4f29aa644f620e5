//! Addresses that lead inwards, in every spelling by which a guard may be passed: nobody is connected
//! to. A door counts who comes, and the same addresses come to it where the operator allows it.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use dermaga_domain::time::{Clock, Time};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::http::{Answer, Client, Http, Pacer};
use crate::{Error, Rate};

/// As many addresses as the corpus is to have at least.
const CORPUS_MIN: usize = 80;
/// Of these so many come to the door at least, once that is allowed: else the corpus proves nothing.
const ALLOWED_MIN: usize = 50;

/// By kind; `PORT` is the door's. What leads to this machine comes first, so that a broken guard is found
/// before anything goes out of it.
const CORPUS: &[(&str, &[&str])] = &[
    (
        "numbers",
        &[
            "http://127.0.0.1:PORT/",
            "https://127.0.0.1:PORT/",
            "http://127.1:PORT/",
            "http://127.0.1:PORT/",
            "http://2130706433:PORT/",
            "http://0x7f000001:PORT/",
            "http://0X7F000001:PORT/",
            "http://0x7f.0x0.0x0.0x1:PORT/",
            "http://0177.0.0.1:PORT/",
            "http://0177.0000.0000.0001:PORT/",
            "http://00000000177.0.0.1:PORT/",
            "http://017700000001:PORT/",
            "http://127.0.0.1.:PORT/",
            "http://0.0.0.0:PORT/",
            "http://0:PORT/",
            "http://127.255.255.254/",
            "http://10.0.0.1/",
            "http://167772161/",
            "http://172.16.0.1/",
            "http://172.31.255.255/",
            "http://192.168.0.1/",
            "http://0xc0a80001/",
            "http://100.64.0.1/",
            "http://198.18.0.1/",
            "http://224.0.0.1/",
            "http://255.255.255.255/",
        ],
    ),
    (
        "mixed notations",
        &[
            "http://0x7f.1:PORT/",
            "http://0x7f.0.1:PORT/",
            "http://0177.1:PORT/",
            "http://127.0x0.0.01:PORT/",
            "http://0x7f.0.0.01:PORT/",
            "http://127.0.0.0x1:PORT/",
            "http://127.0.00000000000000001:PORT/",
            "http:127.0.0.1:PORT/",
            "http:/127.0.0.1:PORT/",
            "http:///127.0.0.1:PORT/",
            "http:\\\\127.0.0.1:PORT\\",
            "http://127.0.\t0.1:PORT/",
            "http://127.0.0\n.1:PORT/",
            "  http://127.0.0.1:PORT/  ",
            "HTTP://127.0.0.1:PORT/",
            "http://%31%32%37.0.0.1:PORT/",
            "http://0300.0250.1/",
            "http://0xa.1/",
        ],
    ),
    (
        "IPv6, with IPv4 in it",
        &[
            "http://[::1]:PORT/",
            "http://[0:0:0:0:0:0:0:1]:PORT/",
            "http://[::ffff:127.0.0.1]:PORT/",
            "http://[::FFFF:7F00:1]:PORT/",
            "http://[0:0:0:0:0:ffff:7f00:0001]:PORT/",
            "http://[::]:PORT/",
            "http://[::127.0.0.1]:PORT/",
            "http://[::ffff:10.0.0.1]/",
            "http://[::ffff:0:127.0.0.1]/",
            "http://[64:ff9b::7f00:1]/",
            "http://[64:ff9b:1::7f00:1]/",
            "http://[2002:7f00:1::]/",
            "http://[2001:0:7f00:1::]/",
            "http://[fe80::1]/",
            "http://[fc00::1]/",
            "http://[fd12:3456::1]/",
            "http://[ff02::1]/",
            "http://[2001:db8::1]/",
        ],
    ),
    (
        "names",
        &[
            "http://localhost:PORT/",
            "http://LOCALHOST:PORT/",
            "http://localhost.:PORT/",
            "http://toko.localhost:PORT/",
            "http://localhost.localdomain:PORT/",
            "http://127.0.0.1.nip.example.test:PORT/",
            "http://7f000001.rbndr.example.test:PORT/",
            "http://127.0.0.1%2eexample.test:PORT/",
            "https://toko.example.test:PORT/",
            "http://six.example.test:PORT/",
            "http://mapped.example.test:PORT/",
            "http://lan.example.test/",
            "http://cluster.example.test/",
        ],
    ),
    (
        "user@host",
        &[
            "http://toko.example.test@127.0.0.1:PORT/",
            "http://toko.example.test:443@127.0.0.1:PORT/",
            "http://toko.example.test%2f@127.0.0.1:PORT/",
            "http://toko.example.test%23@localhost:PORT/",
            "http://a@b@127.0.0.1:PORT/",
            "http://127.0.0.1:PORT\\@toko.example.test/",
            "http://127.0.0.1:PORT#@toko.example.test/",
            "http://127.0.0.1:PORT?@toko.example.test/",
            "http://127.0.0.1:PORT/@toko.example.test/",
            "http://@127.0.0.1:PORT/",
        ],
    ),
    (
        "IDN",
        &[
            "http://①②⑦.⓪.⓪.①:PORT/",
            "http://１２７.０.０.１:PORT/",
            "http://127。0。0。1:PORT/",
            "http://127．0．0．1:PORT/",
            "http://127｡0｡0｡1:PORT/",
            "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:PORT/",
            "http://ｌｏｃａｌｈｏｓｔ:PORT/",
            "http://loca\u{ad}lhost:PORT/",
            "http://toko-kopi-é.example.test:PORT/",
            "http://xn--toko-kopi--d7a.example.test:PORT/",
        ],
    ),
    (
        "metadata",
        &[
            "http://169.254.169.254/latest/meta-data/",
            "http://2852039166/latest/meta-data/",
            "http://0xa9fea9fe/",
            "http://0251.0376.0251.0376/",
            "http://169.254.43518/",
            "http://[::ffff:169.254.169.254]/",
            "http://[fd00:ec2::254]/latest/meta-data/",
            "http://169.254.170.2/v2/credentials/",
            "http://100.100.100.200/latest/meta-data/",
            "http://192.0.0.192/opc/v1/",
            "http://metadata.google.internal/computeMetadata/v1/",
            "http://metadata.google.internal./",
            "http://metadata/",
            "http://instance-data/",
        ],
    ),
];

/// What is no address that a request goes to.
const NOWHERE: &[&str] = &[
    "",
    "127.0.0.1:PORT",
    "http://",
    "http://[::1",
    "http://[::ffff:127.0.0.1%25lo]:PORT/",
    "http://256.0.0.1/",
    "http://4294967297/",
    "http://127.0.0.1%00.example.test/",
    "http://127.0.0.1:65536/",
    "file:///etc/passwd",
    "file://localhost/etc/passwd",
    "gopher://localhost:PORT/_GET",
    "dict://localhost:PORT/info",
    "ftp://localhost:PORT/",
    "ldap://localhost:PORT/",
    "unix:/run/hub.sock",
    "data:text/plain,halo",
];

/// Where names lead, one answer after the other; the last one holds.
const NAMES: &[(&str, &[&[&str]])] = &[
    ("localhost", &[&["127.0.0.1", "::1"]]),
    ("metadata.google.internal", &[&["169.254.169.254"]]),
    ("metadata.google.internal.", &[&["169.254.169.254"]]),
    ("metadata", &[&["169.254.169.254"]]),
    ("instance-data", &[&["fd00:ec2::254", "169.254.169.254"]]),
    ("six.example.test", &[&["::1"]]),
    ("mapped.example.test", &[&["::ffff:127.0.0.1"]]),
    ("lan.example.test", &[&["192.168.1.7", "fd12:3456::7"]]),
    ("cluster.example.test", &[&["10.96.0.1"]]),
    // What may be reached in these tests is 127.0.0.2 alone.
    ("rebound.example.test", &[&["127.0.0.2"], &["127.0.0.1"]]),
    ("rebound-to-six.example.test", &[&["127.0.0.2"], &["::1"], &["::ffff:127.0.0.1"]]),
    ("rebound-to-both.example.test", &[&["127.0.0.2"], &["127.0.0.1", "127.0.0.2"]]),
];

/// Where every other name leads.
const INWARDS: &[&[&str]] = &[&["127.0.0.1"]];

/// A server of names that changes its mind.
#[derive(Debug, Default)]
struct Played(Mutex<HashMap<String, usize>>);

impl Lookup for Played {
    fn look_up(&self, name: String) -> Looking {
        let known = NAMES.iter().find(|(known, _)| *known == name);
        let answers = known.map_or(INWARDS, |(_, answers)| *answers);
        let mut asked = self.0.lock().unwrap();
        let turn = asked.entry(name).or_default();
        let answer = answers[(*turn).min(answers.len() - 1)];
        *turn += 1;
        let found = answer.iter().map(|address| SocketAddr::new(address.parse().unwrap(), 0));
        let found: Vec<SocketAddr> = found.collect();
        Box::pin(async move { Ok(found) })
    }
}

struct Still;

impl Clock for Still {
    fn now(&self) -> Time {
        Time(0)
    }
}

fn way_out(listed: &[Network]) -> Http {
    let client = Client::looking_up(listed, Arc::new(Played::default())).unwrap();
    let rate = Rate { per_second: 10_000, burst: 10_000 };
    Http::new(client, Arc::new(Pacer::default()), rate, Arc::new(Still))
}

async fn ask(http: &Http, url: &str) -> Result<Answer, Error> {
    http.send("corpus", http.request_entered("", ::http::Method::GET, url)?).await
}

/// Something that listens and counts who comes.
struct Door {
    at: SocketAddr,
    came: Arc<AtomicUsize>,
}

impl Door {
    /// Opens at an address; whoever comes gets this and is sent away.
    async fn open(at: &str, port: u16, answer: &str) -> std::io::Result<Self> {
        let at: IpAddr = at.parse().unwrap();
        let listener = TcpListener::bind((at, port)).await?;
        let (at, came) = (listener.local_addr()?, Arc::new(AtomicUsize::new(0)));
        let (counted, answer) = (Arc::clone(&came), answer.to_owned());
        drop(tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                let mut asked = [0_u8; 2_048];
                drop(stream.read(&mut asked).await);
                drop(stream.write_all(answer.as_bytes()).await);
            }
        }));
        Ok(Self { at, came })
    }

    /// How many came before this, who comes last, is counted.
    async fn came(&self) -> usize {
        let before = self.came.load(Ordering::SeqCst);
        let mut last = TcpStream::connect(self.at).await.unwrap();
        last.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
        let mut told = Vec::new();
        last.read_to_end(&mut told).await.unwrap();
        let after = self.came.load(Ordering::SeqCst);
        assert!(after > before && !told.is_empty(), "the door counts nobody");
        after - 1
    }
}

const HALLO: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

fn not_public(outcome: &Result<Answer, Error>) -> bool {
    matches!(outcome, Err(Error::AuthRefused { code, .. }) if code == "address_not_public")
}

#[tokio::test]
async fn nobody_comes_by_an_address_that_leads_inwards() {
    let door = Door::open("127.0.0.1", 0, HALLO).await.unwrap();
    let six = Door::open("::1", door.at.port(), HALLO).await.ok();
    let port = door.at.port().to_string();
    let http = way_out(&[]);
    let mut tried = 0;
    for (kind, urls) in CORPUS {
        for url in *urls {
            let outcome = ask(&http, &url.replace("PORT", &port)).await;
            assert!(not_public(&outcome), "{kind}: {url} is not refused: {outcome:?}");
            tried += 1;
        }
    }
    for url in NOWHERE {
        let outcome = ask(&http, &url.replace("PORT", &port)).await;
        assert!(outcome.is_err(), "{url}: {outcome:?}");
        tried += 1;
    }
    assert!(tried >= CORPUS_MIN, "the corpus has {tried} addresses");
    assert_eq!(door.came().await, 0);
    if let Some(six) = six {
        assert_eq!(six.came().await, 0);
    }
}

/// The corpus leads where it says: else nobody would come anyway.
#[tokio::test]
async fn the_same_addresses_come_where_it_is_allowed() {
    let door = Door::open("127.0.0.1", 0, HALLO).await.unwrap();
    let six = Door::open("::1", door.at.port(), HALLO).await.ok();
    let port = door.at.port().to_string();
    let http = way_out(&this_machine());
    let ours = CORPUS.iter().flat_map(|(_, urls)| *urls).filter(|url| url.contains("PORT"));
    for url in ours {
        // Over TLS the door is no shop, and some lead to what is not this machine.
        drop(ask(&http, &url.replace("PORT", &port)).await);
    }
    let mut came = door.came().await;
    if let Some(six) = six {
        came += six.came().await;
    }
    assert!(came >= ALLOWED_MIN, "only {came} came");
}

#[tokio::test]
async fn a_name_that_leads_elsewhere_the_next_time_gains_nothing() {
    let inner = Door::open("127.0.0.1", 0, HALLO).await.unwrap();
    let port = inner.at.port();
    let shop = Door::open("127.0.0.2", port, HALLO).await.unwrap();
    let six = Door::open("::1", port, HALLO).await.ok();
    let http = way_out(&["127.0.0.2".parse().unwrap()]);
    for name in ["rebound.example.test", "rebound-to-six.example.test"] {
        let url = format!("http://{name}:{port}/");
        assert!(ask(&http, &url).await.is_ok(), "{name} leads to the shop at first");
        for _ in 0..3 {
            let outcome = ask(&http, &url).await;
            assert!(not_public(&outcome), "{name}: {outcome:?}");
        }
    }
    let url = format!("http://rebound-to-both.example.test:{port}/");
    for _ in 0..4 {
        assert!(ask(&http, &url).await.is_ok(), "of two addresses the shop's is taken");
    }
    assert_eq!(shop.came().await, 2 + 4);
    assert_eq!(inner.came().await, 0);
    if let Some(six) = six {
        assert_eq!(six.came().await, 0);
    }
}

#[tokio::test]
async fn nobody_follows_a_redirection() {
    let inner = Door::open("127.0.0.1", 0, HALLO).await.unwrap();
    let port = inner.at.port();
    let http = way_out(&["127.0.0.2".parse().unwrap()]);
    let places = [
        format!("http://127.0.0.1:{port}/"),
        format!("https://localhost:{port}/"),
        format!("//127.0.0.1:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        format!("http://2130706433:{port}/"),
        format!("http://127.0.0.2@127.0.0.1:{port}/"),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "file:///etc/passwd".to_owned(),
        format!("gopher://127.0.0.1:{port}/_GET"),
    ];
    for status in ["301 Moved", "302 Found", "303 See", "307 Again", "308 For Good"] {
        for place in &places {
            let head = format!("HTTP/1.1 {status}\r\nlocation: {place}\r\nrefresh: 0; url={place}");
            let answer = format!("{head}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            let shop = Door::open("127.0.0.2", 0, &answer).await.unwrap();
            let told = ask(&http, &format!("http://{}/", shop.at)).await.unwrap();
            assert!(told.status.is_redirection(), "{status} {place}");
            assert_eq!(shop.came().await, 1, "{place}: asked once");
        }
    }
    assert_eq!(inner.came().await, 0);
}
