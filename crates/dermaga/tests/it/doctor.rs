//! `dermaga doctor`.

use crate::terminal::Terminal;
use serde_json::Value;

#[tokio::test]
async fn a_sound_installation_is_told_in_json_and_in_lines() {
    let terminal = Terminal::stocked().await;
    terminal.order(1).await;
    let json = terminal.ok(&["doctor", "--invariants", "--json"]).await;
    let told: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(told["ok"], true, "{json}");
    assert_eq!(told["findings"], Value::Array(Vec::new()));
    let looked_at: Vec<&str> =
        told["invariants"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    for invariant in ["I2", "I3", "I5", "I6", "I7", "I10", "I14", "I16", "I17"] {
        assert!(looked_at.contains(&invariant), "{invariant} was not looked at");
    }
    let lines = terminal.ok(&["doctor"]).await;
    assert!(lines.contains("schema") && lines.contains("the newest"), "{lines}");
    assert!(!lines.contains("invariants"), "{lines}");
}
