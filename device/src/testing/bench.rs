//! A device on a real file in a folder of its own.

use super::carts::Carts;
use super::feeds::Feeds;
use super::shop::{self, lines, packed_model};
use super::{TestClock, test_ports, until};
use crate::cloud::{CloudAddress, Fetched};
use crate::device::{Device, Setup};
use crate::folder::Folder;
use crate::keepsakes::ENROLMENT;
use crate::key::find_key;
use domain::api::device::{DeviceCall, Refusal, Session, SignIn};
use domain::api::identity::{DeviceKind, Enrolment};
use domain::api::sync::{CommandResult, PullRequest, PushResponse, SCHEMA};
use domain::ids::{AssociateId, DeviceId};
use std::sync::Arc;
use sync::read_page;

/// Nobody answers there: the port of discard.
const NOWHERE: &str = "http://127.0.0.1:9";

pub(crate) struct Bench {
    pub(crate) device: Device,
    pub(crate) clock: Arc<TestClock>,
    place: tempfile::TempDir,
}

impl Bench {
    /// A device that never heard of any cloud.
    pub(crate) fn new(kind: DeviceKind, cloud: &str) -> Self {
        let place = tempfile::tempdir().unwrap();
        let (device, clock) = open(&place, kind, cloud);
        Self {
            device,
            clock,
            place,
        }
    }

    /// A device that has pulled the shop and has lost the cloud since.
    pub(crate) fn stocked(kind: DeviceKind) -> Self {
        Self::named(kind, "d-1")
    }

    fn named(kind: DeviceKind, device: &str) -> Self {
        let bench = Self::new(kind, NOWHERE);
        let shared = bench.device.shared();
        let page = read_page(lines()).unwrap();
        shared.replica.apply(&page).unwrap();
        let enrolment = Enrolment {
            device: DeviceId::parse(device).unwrap(),
            kind,
            store: shop::store_id(),
            secret: "secret".into(),
        };
        ENROLMENT.keep(&shared.replica, &enrolment).unwrap();
        shared.join(enrolment);
        let bytes = packed_model();
        shared.model.take(Fetched { etag: None, bytes }).unwrap();
        bench
    }

    /// A tablet with Ana signed in.
    pub(crate) async fn with_ana() -> Self {
        let bench = Self::stocked(DeviceKind::Tablet);
        bench.sign_in("ana", "1357").await.unwrap();
        bench
    }

    /// A second tablet of the same shop, with Ana signed in.
    pub(crate) async fn another(device: &str) -> Self {
        let bench = Self::named(DeviceKind::Tablet, device);
        bench.sign_in("ana", "1357").await.unwrap();
        bench
    }

    /// Pulls what is new in these feeds, without a cloud.
    pub(crate) fn pull(&self, feeds: &Feeds, last_cseq: u64) {
        let replica = &self.device.shared().replica;
        let request = PullRequest {
            schema: SCHEMA,
            cursors: replica.cursors().unwrap(),
            limit: 1_000,
            wait_ms: 0,
            verify: false,
        };
        let (lines, _) = feeds.answer(&request, last_cseq);
        replica.apply(&read_page(lines).unwrap()).unwrap();
    }

    /// Sends what waits to carts that decide on it, and pulls, without a cloud. Gives what was decided.
    pub(crate) fn sync(&self, carts: &mut Carts, feeds: &mut Feeds) -> Vec<CommandResult> {
        let shared = self.device.shared();
        let (replica, device) = (&shared.replica, shared.joined().unwrap().device.clone());
        let mut decided = Vec::new();
        let mut last_cseq = replica.standing().unwrap().last_cseq;
        while let Some(push) = replica.next_push(&device, 100).unwrap() {
            let results = push
                .commands
                .iter()
                .map(|command| carts.decide(feeds, command));
            let results: Vec<CommandResult> = results
                .map(|result| serde_json::from_value(result).unwrap())
                .collect();
            last_cseq = push.commands.last().unwrap().cseq;
            let answer = PushResponse {
                last_cseq,
                results: results.clone(),
            };
            replica.settle(&answer).unwrap();
            decided.extend(results);
        }
        self.pull(feeds, last_cseq);
        decided
    }

    pub(crate) async fn ask<C: DeviceCall>(&self, call: C) -> Result<C::Reply, Refusal> {
        let args = serde_json::to_value(&call).unwrap();
        let reply = self.device.call(C::NAME, args).await?;
        Ok(serde_json::from_value(reply).unwrap())
    }

    pub(crate) async fn sign_in(&self, who: &str, pin: &str) -> Result<Session, Refusal> {
        let associate = AssociateId::parse(who).unwrap();
        let pin = pin.to_owned();
        self.ask(SignIn { associate, pin }).await
    }

    /// The same folder, opened anew as after a restart.
    pub(crate) async fn restart(self, cloud: &str) -> Self {
        let Self { device, place, .. } = self;
        let kind = device.kind();
        drop(device);
        // What ran on other threads lets go of the folder in its own time.
        until("the folder is free", async || {
            Folder::take(place.path()).ok().map(drop)
        })
        .await;
        let (device, clock) = open(&place, kind, cloud);
        Self {
            device,
            clock,
            place,
        }
    }
}

fn open(place: &tempfile::TempDir, kind: DeviceKind, cloud: &str) -> (Device, Arc<TestClock>) {
    let (ports, clock) = test_ports();
    let folder = Folder::take(place.path()).unwrap();
    let key = find_key(&folder, None, &ports).unwrap();
    let cloud = CloudAddress::parse(cloud).unwrap();
    let setup = Setup {
        folder,
        key,
        cloud,
        kind,
        ports,
    };
    (Device::open(setup).unwrap(), clock)
}
