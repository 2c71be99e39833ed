//! Runs the replica's part of an errand: what to ask before the call, what to do with the answer after it.
//!
//! The machine says which errand, whoever drives it makes the call. Nothing here makes one.

use crate::engine::{
    Errand, LoadError, News, Outcome, PlanError, Pulled, Pushed, Trouble, WireError, decode_answer,
    read_page, read_repair,
};
use crate::error::ReplicaError;
use crate::replica::{Loaded, Repaired, Replica};
use domain::api::sync::{
    Checkpoint, Command, CommandResult, CommandStatus, Cursor, Manifest, PullLine, PullRequest,
    PushRequest, PushResponse, RepairRequest, SCHEMA, Scope, command,
};
use domain::ids::{CartId, CustomerId, DeviceId};
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};

/// What an errand comes to.
#[derive(Debug, Clone)]
pub enum Prepared {
    /// Ask this, and hand the answer to [`Errand::finish`].
    Ask(Request),
    /// Nobody has to be asked: this is what came of it.
    Over(Outcome),
}

/// What to ask the cloud. The answer's body goes to [`Errand::finish`] as it came.
#[derive(Debug, Clone)]
pub enum Request {
    /// `POST /v1/sync/pull`
    Pull(PullRequest),
    /// `POST /v1/sync/push`
    Push(PushRequest),
    /// `POST /v1/sync/repair`
    Repair(RepairRequest),
    /// `GET /v1/sync/snapshot/{scope}/{epoch}/{seq}`
    Manifest {
        /// Of which scope.
        scope: Scope,
        /// At which number.
        cursor: Cursor,
    },
    /// `GET /v1/sync/snapshot/{scope}/{epoch}/{seq}/{part}`
    Part {
        /// Of which scope.
        scope: Scope,
        /// At which number.
        cursor: Cursor,
        /// Which part, from 0.
        part: u32,
    },
}

impl Errand {
    /// Looks into the replica for what to ask. Blocks on the disk.
    pub fn prepare(&self, replica: &Replica, device: &DeviceId) -> Result<Prepared, Trouble> {
        Ok(match self {
            Self::Pull { wait_ms, verify } => {
                let mut request = replica.next_pull(*wait_ms)?;
                request.verify = *verify;
                Prepared::Ask(Request::Pull(request))
            }
            Self::Begin(offer) => Prepared::Ask(Request::Manifest {
                scope: offer.scope.clone(),
                cursor: offer.cursor,
            }),
            Self::Part {
                scope,
                cursor,
                part,
            } => Prepared::Ask(Request::Part {
                scope: scope.clone(),
                cursor: *cursor,
                part: *part,
            }),
            Self::Repair { scope } => {
                let (cursor, sums) = replica.bucket_sums(scope)?;
                Prepared::Ask(Request::Repair(RepairRequest {
                    schema: SCHEMA,
                    scope: scope.clone(),
                    cursor,
                    sums,
                }))
            }
            Self::Push { limit } => match replica.next_push(device, *limit)? {
                Some(request) => Prepared::Ask(Request::Push(request)),
                None => Prepared::Over(Outcome::Drained),
            },
            Self::Anew { scope } => {
                replica.begin_anew(scope)?;
                Prepared::Over(Outcome::Emptied)
            }
            Self::Refuse {
                cseq,
                code,
                message,
            } => Prepared::Over(refuse(replica, *cseq, code, message)?),
            Self::Renumber { expected } => {
                replica.renumber(*expected)?;
                Prepared::Over(Outcome::Renumbered)
            }
        })
    }

    /// Takes the body of the answer to `request`, all of it or nothing. Blocks on the disk.
    pub fn finish(
        &self,
        replica: &Replica,
        request: &Request,
        body: &[u8],
    ) -> Result<Outcome, Trouble> {
        match request {
            Request::Pull(_) => pulled(replica, body),
            Request::Push(request) => pushed(replica, request, body),
            Request::Repair(request) => repaired(replica, &request.scope, body),
            Request::Manifest { scope, cursor } => {
                let manifest: Manifest = from_json(body)?;
                if manifest.scope != *scope || manifest.cursor != *cursor {
                    return Err(unusable(&"the manifest is another snapshot's"));
                }
                let loading = replica.load_begin(&manifest)?;
                Ok(Outcome::Begun {
                    done: loading.next_part,
                    total: loading.parts,
                })
            }
            Request::Part {
                scope,
                cursor,
                part,
            } => Ok(taken(replica.load_part(scope, *cursor, *part, body)?)),
        }
    }
}

fn pulled(replica: &Replica, body: &[u8]) -> Result<Outcome, Trouble> {
    let page = read_page(decode_answer(body)?)?;
    let applied = replica.apply(&page)?;
    let moved = applied.changes > 0
        || applied.confirmed > 0
        || !page.access().is_empty()
        || !applied.offers.is_empty();
    Ok(Outcome::Pulled(Pulled {
        moved,
        more: applied.more,
        forgotten: applied.forgotten > 0,
        offers: applied.offers,
        differing: applied.differing,
        news: News {
            customers: applied.customers,
            carts: applied.carts,
            help: applied.help,
            everything: applied.everything,
        },
    }))
}

fn pushed(replica: &Replica, request: &PushRequest, body: &[u8]) -> Result<Outcome, Trouble> {
    let response: PushResponse = from_json(body)?;
    let settled = replica.settle(&response)?;
    let last_cseq = request.commands.last().map(|command| command.cseq);
    Ok(Outcome::Pushed(Pushed {
        first_cseq: request.first_cseq,
        last_cseq: last_cseq.unwrap_or(request.first_cseq),
        settled,
        needs_attention: replica.standing()?.needs_attention,
        customers: customers(request),
        carts: carts(request),
    }))
}

/// Whom the commands are about.
fn customers(request: &PushRequest) -> BTreeSet<CustomerId> {
    #[derive(serde::Deserialize)]
    struct About {
        customer: Option<CustomerId>,
    }
    let about = |text| serde_json::from_str::<About>(text).ok();
    let commands = request.commands.iter();
    commands
        .filter_map(|command| about(command.args.get())?.customer)
        .collect()
}

/// Which carts the commands are about.
fn carts(request: &PushRequest) -> BTreeSet<CartId> {
    #[derive(serde::Deserialize)]
    struct Order {
        cart: CartId,
    }
    #[derive(serde::Deserialize)]
    struct About {
        cart: Option<CartId>,
        order: Option<Order>,
        id: Option<CartId>,
    }
    let of = |sent: &Command| -> Option<CartId> {
        let known = [
            command::CART_BEGIN,
            command::CART_CHANGE,
            command::CART_SELL,
        ];
        let about = known.contains(&sent.kind.as_str()).then(|| sent.args.get());
        let about: About = serde_json::from_str(about?).ok()?;
        about
            .cart
            .or(about.order.map(|order| order.cart))
            .or(about.id)
    };
    request.commands.iter().filter_map(of).collect()
}

fn repaired(replica: &Replica, scope: &Scope, body: &[u8]) -> Result<Outcome, Trouble> {
    let repair = read_repair(body.to_vec())?;
    let changes = match replica.repair(scope, &repair)? {
        Repaired::Moved => 0,
        Repaired::Done { changes, .. } => changes,
    };
    Ok(Outcome::Repaired {
        news: all_or_nothing(changes > 0),
    })
}

fn taken(loaded: Loaded) -> Outcome {
    Outcome::Taken {
        next: loaded.next_part,
        differs: loaded.differs,
        news: all_or_nothing(loaded.changes > 0 || loaded.confirmed > 0),
    }
}

fn all_or_nothing(everything: bool) -> News {
    News {
        everything,
        ..News::default()
    }
}

/// The cloud's refusal to read a command, kept like its decision to refuse one.
fn refuse(
    replica: &Replica,
    cseq: u64,
    code: &str,
    message: &str,
) -> Result<Outcome, ReplicaError> {
    replica.settle(&PushResponse {
        last_cseq: cseq,
        results: vec![CommandResult {
            cseq,
            status: CommandStatus::Rejected,
            code: Some(code.to_owned()),
            message: Some(message.to_owned()),
            seqs: BTreeMap::new(),
        }],
    })?;
    let needs_attention = replica.standing()?.needs_attention;
    Ok(Outcome::Refused { needs_attention })
}

impl Replica {
    /// Deletes what is here of a scope, and where it stands; it stays granted.
    pub fn begin_anew(&self, scope: &Scope) -> Result<(), ReplicaError> {
        let scope = scope.clone();
        let granted = PullLine::Grant {
            scope: scope.clone(),
        };
        self.deprive(vec![PullLine::Revoke { scope }, granted])
    }

    /// Deletes everything that was granted: the device was revoked. What was not decided on ends as refused: it is kept,
    /// counted and never sent.
    pub fn purge(&self) -> Result<(), ReplicaError> {
        self.close_queue(
            "revoked",
            "This device was revoked before the cloud confirmed this",
        )?;
        let scopes = self.cursors()?.into_keys();
        self.deprive(scopes.map(|scope| PullLine::Revoke { scope }).collect())
    }

    /// Applies grants and revocations that no cloud sent.
    fn deprive(&self, mut lines: Vec<PullLine>) -> Result<(), ReplicaError> {
        if lines.is_empty() {
            return Ok(());
        }
        let standing = self.standing()?;
        lines.push(PullLine::Checkpoint(Checkpoint {
            cursors: BTreeMap::new(),
            sums: BTreeMap::new(),
            last_cseq: standing.last_cseq,
            server_time: standing.as_of.unwrap_or_default(),
            more: true,
        }));
        self.apply(&read_page(lines)?)?;
        Ok(())
    }
}

fn from_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Trouble> {
    // The parser's own words could quote what stands there, which may be somebody's name.
    let at = |error: serde_json::Error| format!("JSON, column {}", error.column());
    serde_json::from_slice(body).map_err(|error| unusable(&at(error)))
}

fn unusable(reason: &dyn std::fmt::Display) -> Trouble {
    let reason = reason.to_string();
    Trouble::Unusable { reason }
}

impl From<WireError> for Trouble {
    fn from(error: WireError) -> Self {
        unusable(&error)
    }
}

impl From<ReplicaError> for Trouble {
    fn from(error: ReplicaError) -> Self {
        match error {
            ReplicaError::Plan(PlanError::Gap { scope, .. }) => Self::Gap { scope },
            // The grant is gone, or another snapshot was begun: the next pull says how it goes on.
            ReplicaError::Plan(PlanError::NotGranted { .. })
            | ReplicaError::Load(LoadError::NotLoading { .. }) => Self::Gone,
            ReplicaError::Load(error) => unusable(&error),
            error => Self::Local {
                reason: error.to_string(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{CUSTOMERS, Feed, Home, customer_id, note, queue};
    use domain::api::device::Delivery;
    use serde_json::{Value, json};

    const PULL: Errand = Errand::Pull {
        wait_ms: 7,
        verify: true,
    };
    const PUSH: Errand = Errand::Push { limit: 9 };

    fn prepare(home: &Home, errand: &Errand) -> Prepared {
        let device = DeviceId::parse("d-1").unwrap();
        errand.prepare(&home.replica, &device).unwrap()
    }

    fn ask(home: &Home, errand: &Errand) -> Request {
        match prepare(home, errand) {
            Prepared::Ask(request) => request,
            Prepared::Over(outcome) => panic!("{outcome:?}"),
        }
    }

    fn answer(home: &Home, errand: &Errand, body: &[u8]) -> Result<Outcome, Trouble> {
        errand.finish(&home.replica, &ask(home, errand), body)
    }

    fn packed(lines: &[Value]) -> Vec<u8> {
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        zstd::encode_all(text.as_bytes(), 1).unwrap()
    }

    #[test]
    fn a_pull_says_what_it_changed_and_half_of_one_changes_nothing() {
        let (home, mut feed) = (Home::new(), Feed::new());
        let Request::Pull(request) = ask(&home, &PULL) else {
            panic!("a pull");
        };
        assert!(request.wait_ms == 7 && request.verify && request.cursors.is_empty());
        feed.customer("c-1", "Zoë", "Łukasz");
        let mut lines = feed.lines();
        let half = answer(&home, &PULL, &packed(&lines));
        assert!(matches!(half, Err(Trouble::Unusable { .. })), "{half:?}");
        assert!(home.replica.cursors().unwrap().is_empty());
        lines.push(feed.checkpoint());
        let Ok(Outcome::Pulled(pulled)) = answer(&home, &PULL, &packed(&lines)) else {
            panic!("pulled");
        };
        assert!(pulled.moved && !pulled.more && pulled.offers.is_empty());
        assert!(pulled.news.customers.contains(&customer_id("c-1")));
        let again = answer(&home, &PULL, &packed(&[feed.checkpoint()]));
        assert_eq!(again, Ok(Outcome::Pulled(Pulled::default())));
    }

    #[test]
    fn a_push_says_whom_it_was_about_and_what_waits_for_somebody() {
        let home = Home::new();
        assert!(matches!(
            prepare(&home, &PUSH),
            Prepared::Over(Outcome::Drained)
        ));
        queue(&home.replica, "q-1", &note("n-1", "c-1", "one"));
        queue(&home.replica, "q-2", &note("n-2", "c-2", "two"));
        let results = json!([{"cseq": 1, "status": "applied"}, {"cseq": 2, "status": "rejected", "code": "x"}]);
        let body = json!({"last_cseq": 2, "results": results}).to_string();
        let Ok(Outcome::Pushed(pushed)) = answer(&home, &PUSH, body.as_bytes()) else {
            panic!("pushed");
        };
        assert_eq!((pushed.first_cseq, pushed.last_cseq), (1, 2));
        assert_eq!((pushed.settled.confirmed, pushed.settled.rejected), (1, 1));
        assert_eq!((pushed.needs_attention, pushed.customers.len()), (1, 2));
    }

    #[test]
    fn an_answer_that_is_no_answer_says_nothing_of_what_it_holds() {
        let home = Home::new();
        queue(&home.replica, "q-1", &note("n-1", "c-1", "one"));
        let trouble = answer(&home, &PUSH, br#"{"last_cseq": "Zo"}"#).unwrap_err();
        assert!(!trouble.to_string().contains("Zo"), "{trouble}");
        assert_eq!(home.replica.standing().unwrap().unsent, 1);
    }

    #[test]
    fn a_command_that_cannot_be_read_waits_for_somebody() {
        let home = Home::new();
        queue(&home.replica, "q-1", &note("n-1", "c-1", "one"));
        queue(&home.replica, "q-2", &note("n-2", "c-2", "two"));
        let refuse = Errand::Refuse {
            cseq: 1,
            code: "invalid-request".into(),
            message: "not so".into(),
        };
        let over = prepare(&home, &refuse);
        assert!(matches!(
            over,
            Prepared::Over(Outcome::Refused { needs_attention: 1 })
        ));
        prepare(&home, &Errand::Renumber { expected: 1 });
        let Request::Push(request) = ask(&home, &PUSH) else {
            panic!("a push");
        };
        assert_eq!((request.first_cseq, request.commands.len()), (1, 1));
        let unsent = home.replica.unsent(9).unwrap();
        let refused = unsent.iter().find(|command| command.id.as_str() == "q-1");
        let state = refused.map(|command| command.state.clone());
        assert_eq!(state, Some(Delivery::Refused("not so".into())));
    }

    #[test]
    fn begun_anew_is_granted_still_and_purged_is_not() {
        let (home, mut feed) = (Home::new(), Feed::new());
        feed.customer("c-1", "Zoë", "Łukasz");
        home.pull(&mut feed);
        let before = home.replica.standing().unwrap();
        let scope = Scope::parse(CUSTOMERS).unwrap();
        prepare(
            &home,
            &Errand::Anew {
                scope: scope.clone(),
            },
        );
        assert!(
            home.replica
                .customer(&customer_id("c-1"))
                .unwrap()
                .is_none()
        );
        assert_eq!(
            home.replica.cursors().unwrap().get(&scope),
            Some(&Cursor::default())
        );
        assert_eq!(home.replica.standing().unwrap(), before);
        home.replica.purge().unwrap();
        assert!(home.replica.cursors().unwrap().is_empty());
        home.replica.purge().unwrap();
    }
}
