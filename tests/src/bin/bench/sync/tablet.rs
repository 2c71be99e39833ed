//! A tablet without screens: the real replica and its errands, over real HTTP, with nothing of the device's own pauses.

use aisle_tests::world::client;
use anyhow::{Context as _, Result, bail};
use domain::api::identity::{EnrolRequest, Enrolment, TokenResponse};
use domain::api::sync::{Cursor, MAX_COMMANDS, Offer, POKE, Scope};
use domain::ids::DeviceId;
use futures_util::{Stream, StreamExt as _};
use reqwest::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE};
use serde::Serialize;
use std::path::Path;
use sync::{Errand, Key, Outcome, Prepared, Pulled, Replica, Request};

/// How hard requests are compressed, as devices do.
const ZSTD_LEVEL: i32 = 3;
/// Requests below this travel as they are.
const PACK_FROM_BYTES: usize = 512;

/// Who it is to the cloud: enough to go on in another process.
#[derive(Debug, Clone, Serialize, serde::Deserialize)]
pub(super) struct Identity {
    pub(super) url: String,
    pub(super) device: DeviceId,
    pub(super) token: String,
}

pub(super) struct Tablet {
    pub(super) replica: Replica,
    pub(super) identity: Identity,
    client: reqwest::Client,
}

impl Identity {
    /// Joins with a one-time code.
    pub(super) async fn join(url: &str, code: String) -> Result<Self> {
        let client = client()?;
        let nonce = "5eed".repeat(8);
        let asked = client.post(format!("{url}/v1/identity/enrol"));
        let asked = asked.json(&EnrolRequest { code, nonce });
        let joined: Enrolment = asked.send().await?.error_for_status()?.json().await?;
        let asked = client
            .post(format!("{url}/oauth2/token"))
            .basic_auth(&joined.device, Some(joined.secret))
            .header("content-type", "application/x-www-form-urlencoded")
            .body("grant_type=client_credentials");
        let token: TokenResponse = asked.send().await?.error_for_status()?.json().await?;
        Ok(Self {
            url: url.to_owned(),
            device: joined.device,
            token: token.access_token,
        })
    }
}

impl Tablet {
    pub(super) fn open(folder: &Path, identity: Identity) -> Result<Self> {
        let replica = Replica::open(&folder.join("replica.db"), Key::new([7; 32]))?;
        Ok(Self {
            replica,
            identity,
            client: client()?,
        })
    }

    /// Pulls until there is nothing more, snapshots included.
    pub(super) async fn catch_up(&self) -> Result<()> {
        loop {
            let pulled = self.pull(0).await?;
            let more = pulled.more || !pulled.offers.is_empty();
            for offer in pulled.offers {
                self.load(offer).await?;
            }
            if !more {
                return Ok(());
            }
        }
    }

    pub(super) async fn pull(&self, wait_ms: u64) -> Result<Pulled> {
        let verify = false;
        match self.run(Errand::Pull { wait_ms, verify }).await? {
            Outcome::Pulled(pulled) if pulled.differing.is_empty() => Ok(pulled),
            other => bail!("a pull ended with {other:?}"),
        }
    }

    async fn load(&self, offer: Offer) -> Result<()> {
        let (scope, cursor) = (offer.scope.clone(), offer.cursor);
        let begun = self.run(Errand::Begin(offer)).await?;
        let Outcome::Begun { done, total } = begun else {
            bail!("a snapshot began with {begun:?}");
        };
        for part in done..total {
            self.load_part(scope.clone(), cursor, part).await?;
        }
        Ok(())
    }

    async fn load_part(&self, scope: Scope, cursor: Cursor, part: u32) -> Result<()> {
        let part = Errand::Part {
            scope,
            cursor,
            part,
        };
        match self.run(part).await? {
            Outcome::Taken { differs: false, .. } => Ok(()),
            other => bail!("a part ended with {other:?}"),
        }
    }

    /// Listens for pokes: an item each.
    pub(super) async fn listen(&self) -> Result<impl Stream<Item = Result<()>> + Unpin + use<>> {
        let url = format!("{}/v1/sync/pokes", self.identity.url);
        let asked = self.client.get(url).bearer_auth(&self.identity.token);
        let answer = asked.send().await?.error_for_status()?;
        let mark = format!("event: {POKE}");
        let mut rest = String::new();
        let pokes = answer.bytes_stream().map(move |bytes| -> Result<usize> {
            rest.push_str(std::str::from_utf8(&bytes?)?);
            let mut pokes = 0;
            while let Some((line, after)) = rest.split_once('\n') {
                pokes += usize::from(line.trim() == mark);
                rest = after.to_owned();
            }
            Ok(pokes)
        });
        // Several that came together are one.
        Ok(Box::pin(pokes.filter_map(|pokes| async move {
            match pokes {
                Ok(0) => None,
                Ok(_) => Some(Ok(())),
                Err(error) => Some(Err(error)),
            }
        })))
    }

    /// Pushes everything that is queued.
    pub(super) async fn push_all(&self) -> Result<()> {
        let limit = MAX_COMMANDS;
        loop {
            match self.run(Errand::Push { limit }).await? {
                Outcome::Pushed(pushed) if pushed.settled.rejected == 0 => {}
                Outcome::Drained => return Ok(()),
                other => bail!("a push ended with {other:?}"),
            }
        }
    }

    async fn run(&self, errand: Errand) -> Result<Outcome> {
        let prepared = errand.prepare(&self.replica, &self.identity.device);
        let request = match prepared.map_err(|trouble| anyhow::anyhow!("{trouble:?}"))? {
            Prepared::Ask(request) => request,
            Prepared::Over(outcome) => return Ok(outcome),
        };
        let body = self.ask(&request).await?;
        let finished = errand.finish(&self.replica, &request, &body);
        finished.map_err(|trouble| anyhow::anyhow!("{errand:?}: {trouble:?}"))
    }

    async fn ask(&self, request: &Request) -> Result<Vec<u8>> {
        match request {
            Request::Pull(pull) => self.post("pull", pull).await,
            Request::Push(push) => unpack(&self.post("push", push).await?),
            Request::Repair(repair) => self.post("repair", repair).await,
            Request::Manifest { scope, cursor } => unpack(&self.get(scope, *cursor, "").await?),
            Request::Part {
                scope,
                cursor,
                part,
            } => self.get(scope, *cursor, &format!("/{part}")).await,
        }
    }

    async fn post<T: Serialize + Sync>(&self, what: &str, body: &T) -> Result<Vec<u8>> {
        let mut bytes = serde_json::to_vec(body)?;
        let url = format!("{}/v1/sync/{what}", self.identity.url);
        let mut post = self
            .client
            .post(url)
            .header(CONTENT_TYPE, "application/json");
        if bytes.len() >= PACK_FROM_BYTES {
            bytes = zstd::bulk::compress(&bytes, ZSTD_LEVEL)?;
            post = post.header(CONTENT_ENCODING, "zstd");
        }
        self.send(post.body(bytes)).await
    }

    async fn get(&self, scope: &Scope, cursor: Cursor, rest: &str) -> Result<Vec<u8>> {
        let scope = scope.as_str().replace('%', "%25").replace('/', "%2F");
        let Cursor { epoch, seq } = cursor;
        let base = &self.identity.url;
        let url = format!("{base}/v1/sync/snapshot/{scope}/{epoch}/{seq}{rest}");
        self.send(self.client.get(url)).await
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<Vec<u8>> {
        let request = request
            .bearer_auth(&self.identity.token)
            .header(ACCEPT_ENCODING, "zstd");
        let answer = request.send().await?;
        let status = answer.status();
        let body = answer.bytes().await?.to_vec();
        if !status.is_success() {
            bail!("{status}: {}", String::from_utf8_lossy(&body));
        }
        Ok(body)
    }
}

/// A body that may be compressed: zstd begins with its own mark (RFC 8878).
fn unpack(body: &[u8]) -> Result<Vec<u8>> {
    if body.starts_with(&[0x28, 0xB5, 0x2F, 0xFD]) {
        return zstd::stream::decode_all(body).context("a packed answer");
    }
    Ok(body.to_vec())
}
