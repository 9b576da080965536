//! Users, and what is granted to them.

use std::ops::Range;
use std::thread;

use serde_json::json;

use super::Outcome;
use super::client::{Client, MOST_THREADS};
use super::records;

/// Saves users by their numbers, and grants each READ on one of so many integrations. Many are
/// saved at once, since one commit then makes all of them durable.
pub fn save(client: &Client, numbers: Range<usize>, integrations: usize) -> Outcome {
    let save_some = |first: usize| -> Result<(), String> {
        for number in numbers.clone().skip(first).step_by(MOST_THREADS) {
            save_one(client, number, integrations).map_err(|failure| failure.to_string())?;
        }
        Ok(())
    };
    thread::scope(|scope| {
        let start = |first| scope.spawn(move || save_some(first));
        let threads: Vec<_> = (0..MOST_THREADS).map(start).collect();
        for thread in threads {
            thread.join().map_err(|_| "a client panicked")??;
        }
        Ok(())
    })
}

fn save_one(client: &Client, number: usize, integrations: usize) -> Outcome {
    let id = format!("user-{number:06}");
    let user = json!({"name": "Somebody", "roles": ["USER"]});
    client.put(&format!("/api/users/{id}"), &user)?;
    let integration = records::integration(number % integrations);
    let grant = json!({
        "subject": {"type": "USER", "id": id},
        "target": {"type": "INTEGRATION_PROVIDER", "id": integration},
        "access": ["READ"],
    });
    client.post("/api/auth/authorization", &grant).map(drop)
}
