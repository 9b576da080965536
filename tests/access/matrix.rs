//! G1: every role, route and relation, each with the status that `docs/access.md` promises.
//!
//! What is expected is worked out from the rule that a route declares and from the document's
//! table of roles, by the few lines of [`Case::expected`], and not by the code of the server.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Mutex;

use podium::domain::access::Access::{self, Create, Delete, Execute, Read, Update};
use podium::domain::access::Rule::{
    self, Filtered, FilteredAll, Give, Needs, Open, ReadOfPath, Save, SaveAll, SaveEach, SelfOr,
    SignedIn, UpdateOfPath,
};
use podium::domain::access::{Kind, SystemRole};
use podium::domain::arize::id::{Id, IdKind};
use podium::http;
use serde_json::{Value, json};

use crate::requests::{EMPTY_ROLE, MEMBER, OPEN_MODEL, Row, Thing, rows};
use crate::support::{Answer, Client, Server, integration};

/// Kinds of which there is a thing for each relation.
const KINDS: [Kind; 17] = [
    Kind::Integration,
    Kind::Resource,
    Kind::Prompt,
    Kind::Application,
    Kind::User,
    Kind::Group,
    Kind::Role,
    Kind::Tag,
    Kind::WORKFLOW,
    Kind::TASK,
    Kind::Definition,
    Kind::Events,
    Kind::AuditLog,
    Kind::SealKey,
    Kind::PromptLabel,
    Kind::Organization,
    Kind::Space,
];

/// Kinds whose things bear tags.
const TAGGED: [Kind; 6] = [
    Kind::Integration,
    Kind::Resource,
    Kind::Prompt,
    Kind::Application,
    Kind::WORKFLOW,
    Kind::TASK,
];

/// Kinds whose things a manifest names by their ids.
const IN_MANIFESTS: [Kind; 5] =
    [Kind::Integration, Kind::Prompt, Kind::User, Kind::Group, Kind::Role];

/// Kinds whose things have rows, so that they can be missing, and be somebody's own.
const STORED: [Kind; 10] = [
    Kind::Integration,
    Kind::Resource,
    Kind::Prompt,
    Kind::Application,
    Kind::User,
    Kind::Group,
    Kind::Role,
    Kind::WORKFLOW,
    Kind::Organization,
    Kind::Space,
];

/// Kinds whose things the server gives their ids.
const NUMBERED: [Kind; 3] = [Kind::Application, Kind::Organization, Kind::Space];

/// Kinds of which there is only one thing.
const SINGLE: [Kind; 4] = [Kind::Definition, Kind::Events, Kind::AuditLog, Kind::SealKey];

/// Kinds that a role does not give together with everything else.
const PRIVATE: [Kind; 2] = [Kind::AuditLog, Kind::SealKey];

/// The custom roles, each of this one permission.
const CUSTOM: [(&str, Access, Kind); 3] = [
    ("READ_INTEGRATION_PROVIDER", Read, Kind::Integration),
    ("UPDATE_APPLICATION", Update, Kind::Application),
    ("DELETE_USER", Delete, Kind::User),
];

/// What is granted at a time: each access alone, and those that are needed together.
const GIVEN: [&[Access]; 7] =
    [&[Create], &[Read], &[Execute], &[Update], &[Delete], &[Read, Update], &[Read, Delete]];

/// How a caller stands to a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Way {
    Nothing,
    Own,
    Direct,
    Group,
    Role,
    Tag,
    /// Through the integration that a resource is a part of.
    Whole,
    /// It is the caller.
    Oneself,
}

#[derive(Clone, Copy, Debug)]
struct Relation {
    way: Way,
    given: &'static [Access],
    exists: bool,
}

/// Who asks, and what their role gives to everything of a kind.
struct Persona {
    role: Option<String>,
    gives: Gives,
    client: Client,
    admin: Client,
}

#[derive(Clone)]
enum Gives {
    Everything,
    EverythingTo(Access),
    These(Vec<(Access, Kind)>),
}

impl Gives {
    fn to(&self, access: Access, kind: Kind) -> bool {
        match self {
            Self::Everything => true,
            Self::EverythingTo(given) => access == *given && !PRIVATE.contains(&kind),
            Self::These(given) => given.contains(&(access, kind)),
        }
    }
}

/// One cell of the matrix.
struct Case<'a> {
    rule: Rule,
    accepted: u16,
    /// Whether the route hides what may not be read.
    hides: bool,
    thing: &'a Thing,
    relation: Relation,
    gives: &'a Gives,
}

impl Case<'_> {
    fn may(&self, access: Access) -> bool {
        let kind = self.thing.kind;
        self.gives.to(access, kind)
            || kind == Kind::Resource && self.gives.to(access, Kind::Integration)
            || self.relation.given.contains(&access)
    }

    fn expected(&self) -> u16 {
        let when = |may| if may { self.accepted } else { 403 };
        let oneself = self.relation.way == Way::Oneself;
        match self.rule {
            Needs(Create, _) => when(self.may(Create)),
            Filtered(_) | Needs(..) | SelfOr(..) if !self.relation.exists => 404,
            Needs(..) if self.hides && !self.may(Read) => 404,
            Open | SignedIn | Filtered(_) | FilteredAll => self.accepted,
            Needs(access, _) => when(self.may(access)),
            SelfOr(access, _) => when(oneself || self.may(access)),
            Save(_) | SaveEach(_) | SaveAll => when(self.may(self.access_to_save())),
            ReadOfPath => when(oneself || self.may(Read)),
            UpdateOfPath => when(self.may(Update)),
            Give => when(self.may(Update) && self.may(Read)),
        }
    }

    /// Adding a resource is a change of its integration.
    fn access_to_save(&self) -> Access {
        let is_part = self.thing.kind == Kind::Resource;
        if self.relation.exists || is_part { Update } else { Create }
    }

    /// Which accesses the rule asks for.
    fn needed(&self) -> Vec<Access> {
        match self.rule {
            Open | SignedIn => vec![],
            Filtered(_) | FilteredAll | ReadOfPath => vec![Read],
            Needs(access, _) if self.hides && access != Read => vec![Read, access],
            Needs(access, _) | SelfOr(access, _) => vec![access],
            Save(_) | SaveEach(_) | SaveAll => vec![self.access_to_save()],
            UpdateOfPath => vec![Update],
            Give => vec![Read, Update],
        }
    }

    /// Whether the cell is one of those that are tried: what was granted is just what is needed,
    /// or in its `turn`, one access that is not.
    fn is_tried(&self, turn: usize) -> bool {
        let Relation { way, given, exists } = self.relation;
        match self.rule {
            Needs(Create, kind) if self.hides || NUMBERED.contains(&kind) => {
                return way == Way::Nothing && exists;
            }
            Needs(Create, Kind::Role) if exists => return false,
            SelfOr(..) | ReadOfPath if way == Way::Oneself => return true,
            _ if way == Way::Oneself => return false,
            Save(_) | SaveEach(_) | SaveAll | Needs(Create, _) => {}
            _ if !exists => return way == Way::Nothing,
            _ => {}
        }
        match way {
            Way::Nothing | Way::Own | Way::Oneself => true,
            _ => {
                let needed = self.needed();
                let part = given.len() == 1 && needed.len() == 2 && needed.contains(&given[0]);
                let wrong = [Access::ALL[turn % Access::ALL.len()]];
                given == needed || part || given == wrong && !needed.contains(&wrong[0])
            }
        }
    }
}

/// The kinds of things that a route is tried on.
fn kinds(rule: Rule, path: &str) -> Vec<Kind> {
    match rule {
        Open | SignedIn => vec![],
        Filtered(kind) | Needs(_, kind) | SelfOr(_, kind) | Save(kind) | SaveEach(kind) => {
            vec![kind]
        }
        SaveAll => IN_MANIFESTS.into(),
        FilteredAll if path == "/api/manifest" => IN_MANIFESTS.into(),
        FilteredAll => TAGGED.into(),
        ReadOfPath | UpdateOfPath if path.starts_with("/api/auth/subjects/") => {
            vec![Kind::User, Kind::Group, Kind::Role]
        }
        ReadOfPath | UpdateOfPath | Give => KINDS.into(),
    }
}

/// Whether a route tells of what may not be read that it is not there.
fn hides(row: &Row) -> bool {
    ["/v2/integrations", "/v2/ai-integrations"].iter().any(|path| row.path.starts_with(path))
}

/// What goes first, so that no request takes from a later one what it needs.
fn rank(row: &Row, rule: Rule) -> u8 {
    match (row.method, rule) {
        // One of several versions goes before the whole.
        (_, Needs(Delete, Kind::Prompt)) if row.path.ends_with("/versions/{version}") => 4,
        (_, Needs(Delete, _)) => 7,
        // What others refuse to make twice, a manifest leaves as it is.
        (_, SaveAll) => 6,
        (_, Save(_) | SaveEach(_) | Needs(Create, _)) => 5,
        ("DELETE", _) => 4,
        _ if row.path.ends_with("/status") => 3,
        ("GET", _) => 1,
        _ => 2,
    }
}

/// How a caller with this role can stand to a thing of this kind.
fn relations(kind: Kind, role: Option<&str>) -> Vec<Relation> {
    let relation = |way, given, exists| Relation { way, given, exists };
    let mut found = vec![relation(Way::Nothing, &[], true)];
    let is_stored = STORED.contains(&kind);
    if is_stored {
        found.push(relation(Way::Nothing, &[], false));
        found.push(relation(Way::Own, &Access::OWNER, true));
    }
    if kind == Kind::User {
        found.push(relation(Way::Oneself, &[], true));
    }
    let ways = [
        (Way::Direct, true),
        (Way::Group, role != Some("USER_READ_ONLY")),
        (Way::Role, role.is_some()),
        (Way::Tag, TAGGED.contains(&kind)),
        (Way::Whole, kind == Kind::Resource),
    ];
    for (way, _) in ways.into_iter().filter(|(_, possible)| *possible) {
        found.extend(GIVEN.map(|given| relation(way, given, true)));
        let can_be_new = match way {
            Way::Tag => false,
            Way::Whole => true,
            _ => is_stored && kind != Kind::Resource && !NUMBERED.contains(&kind),
        };
        if can_be_new {
            let given: &[Access] = if way == Way::Whole { &[Update] } else { &[Create] };
            found.push(relation(way, given, false));
        }
    }
    found
}

/// A type and an id.
type Name<'a> = (&'a str, String);

impl Persona {
    /// Somebody with this role alone, and what they made while they were an administrator.
    fn new(server: &Server, role: Option<&str>, gives: Gives) -> (Self, HashMap<Kind, Thing>) {
        let admin = server.admin();
        admin.new_role(EMPTY_ROLE, &[]);
        admin.new_user(MEMBER);
        let (integration, model) = OPEN_MODEL;
        admin.new_integration(integration);
        admin.new_resource(integration, model);
        admin.new_integration("shelf");
        let client = server.client("persona", &["ADMIN"]);
        let own = STORED.map(|kind| {
            let mut thing = Thing::new(kind, "own");
            if kind == Kind::Resource {
                client.new_integration("own-shelf");
                "own-shelf".clone_into(&mut thing.whole);
            }
            make(&client, &mut thing);
            (kind, thing)
        });
        let roles = format!("/api/applications/{}/roles", client.application);
        admin.delete(&format!("{roles}/ADMIN")).is(200);
        if let Some(role) = role {
            if SystemRole::named(role).is_none() {
                admin.new_role(role, &[role]);
            }
            admin.post(&format!("{roles}/{role}"), None).is(200);
        }
        admin.new_group("crew", &[]);
        if role != Some("USER_READ_ONLY") {
            admin.post(&format!("/api/groups/crew/users/{}", client.user), None).is(200);
        }
        let open = format!("{integration}:{model}");
        admin.grant(("USER", &client.user), (Kind::Resource.as_str(), &open), &["READ"]);
        for given in GIVEN {
            let tag = format!("rel:{}", words(given).join("-"));
            admin.grant(("USER", &client.user), ("TAG", &tag), &words(given));
        }
        (Self { role: role.map(str::to_owned), gives, client, admin }, own.into())
    }

    /// A thing that the persona stands in this relation to.
    fn thing(&self, kind: Kind, relation: Relation, own: &HashMap<Kind, Thing>) -> Thing {
        let Relation { way, given, exists } = relation;
        let label = format!("{way:?}-{}-{exists}", words(given).join("-")).to_lowercase();
        let mut thing = Thing::new(kind, &format!("{}-{label}", kind.as_str().to_lowercase()));
        match kind {
            Kind::Tag => thing.id = format!("key:{}", thing.id),
            Kind::Resource if way == Way::Whole => {
                thing.whole = format!("whole-{label}");
                self.admin.new_integration(&thing.whole);
            }
            Kind::Resource => "shelf".clone_into(&mut thing.whole),
            kind if SINGLE.contains(&kind) => "*".clone_into(&mut thing.id),
            Kind::Organization if !exists => thing.id = unknown(IdKind::AccountOrg),
            Kind::Space if !exists => thing.id = unknown(IdKind::Space),
            Kind::Integration if !exists => thing.arize_id = unknown(IdKind::LlmIntegration),
            _ => {}
        }
        match way {
            Way::Own => thing = own[&kind].clone(),
            Way::Oneself => self.client.user.clone_into(&mut thing.id),
            _ if exists => make(&self.admin, &mut thing),
            _ => "no-key".clone_into(&mut thing.key),
        }
        if exists && TAGGED.contains(&kind) {
            let mut tags = vec![json!({"key": "mark", "value": thing.id})];
            if way == Way::Tag {
                tags.push(json!({"key": "rel", "value": words(given).join("-")}));
            }
            thing.tags = Value::Array(tags);
            self.admin.put(&tags_path(&thing), &thing.tags).is(200);
        }
        if let Some((to, on)) = self.grant(&thing, way) {
            self.admin.grant((to.0, &to.1), (on.0, &on.1), &words(given));
        }
        thing
    }

    /// To whom and on what the relation is granted, where it is.
    fn grant(&self, thing: &Thing, way: Way) -> Option<(Name<'_>, Name<'_>)> {
        let user = ("USER", self.client.user.clone());
        match way {
            Way::Direct => Some((user, thing.target())),
            Way::Group => Some((("GROUP", "crew".to_owned()), thing.target())),
            Way::Role => Some((("ROLE", self.role.clone().unwrap()), thing.target())),
            Way::Whole => Some((user, (Kind::Integration.as_str(), thing.whole.clone()))),
            Way::Nothing | Way::Own | Way::Tag | Way::Oneself => None,
        }
    }
}

fn words(accesses: &[Access]) -> Vec<&'static str> {
    accesses.iter().map(|access| access.as_str()).collect()
}

/// Makes the thing, as far as things of its kind are made.
fn make(client: &Client, thing: &mut Thing) {
    let id = thing.id.clone();
    match thing.kind {
        Kind::Integration => {
            client.post(&format!("/api/integrations/provider/{id}"), Some(&integration())).is(200);
            let limit = json!({"maxTokens": 1, "tokenLimitPeriod": "DAY"});
            client.post(&format!("/api/integrations/llm/{id}/token"), Some(&limit)).is(200);
            thing.arize_id = client.arize_id(&id);
        }
        Kind::Resource => client.new_resource(&thing.whole, &id),
        Kind::Prompt => {
            let versions =
                [1, 2].map(|version| json!({"name": id, "template": "a", "version": version}));
            client.post("/api/prompts", Some(&json!(versions))).is(200);
            let version = json!({"version": 1});
            client.call("PUT", &format!("/api/prompts/{id}/labels/draft"), Some(&version)).is(200);
        }
        Kind::Application => {
            thing.id = client.new_application(&id);
            thing.key = client.new_key(&thing.id).0;
        }
        Kind::User => client.new_user(&id),
        Kind::Group => client.new_group(&id, &[]),
        Kind::Role => client.new_role(&id, &[]),
        Kind::WORKFLOW => {
            let body = json!({"name": id, "version": 1});
            client.post("/api/metadata/workflow", Some(&body)).is(200);
        }
        Kind::Organization => thing.id = new_organization(client, &id),
        Kind::Space => {
            thing.whole = new_organization(client, &format!("of {id}"));
            let body = json!({"name": id, "organization_id": thing.whole});
            thing.id = made(&client.post("/v2/spaces", Some(&body)));
        }
        _ => {}
    }
}

/// A well-formed id that names nothing.
fn unknown(kind: IdKind) -> String {
    Id::new(kind, 999_999, "none").to_string()
}

fn new_organization(client: &Client, name: &str) -> String {
    made(&client.post("/v2/organizations", Some(&json!({"name": name}))))
}

/// The id of what was made.
fn made(answer: &Answer) -> String {
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json()["id"].as_str().unwrap().to_owned()
}

fn tags_path(thing: &Thing) -> String {
    let Thing { id, whole, .. } = thing;
    match thing.kind {
        Kind::Integration => format!("/api/integrations/provider/{id}/tags"),
        Kind::Resource => format!("/api/integrations/provider/{whole}/integration/{id}/tags"),
        Kind::Prompt => format!("/api/prompts/{id}/tags"),
        Kind::Application => format!("/api/applications/{id}/tags"),
        Kind::WORKFLOW => format!("/api/metadata/workflow/{id}/tags"),
        _ => format!("/api/metadata/task/{id}/tags"),
    }
}

/// What was found: how many checks, and those that failed.
#[derive(Default)]
struct Findings {
    checks: usize,
    wrong: Vec<String>,
}

impl Findings {
    fn check(&mut self, right: bool, told: impl FnOnce() -> String) {
        self.checks += 1;
        if !right {
            self.wrong.push(told());
        }
    }

    /// Fails with what is wrong, or where too little was looked at.
    #[track_caller]
    fn settle(self, least: usize) -> usize {
        let Self { checks, wrong } = self;
        let shown = wrong.iter().take(60).cloned().collect::<Vec<_>>().join("\n");
        assert!(wrong.is_empty(), "{} of {checks} checks failed:\n{shown}", wrong.len());
        assert!(checks >= least, "only {checks} checks");
        checks
    }
}

/// Every route with its rule, its request and its place.
fn routes() -> Vec<(usize, Rule, Row)> {
    let mut rows: BTreeMap<_, _> =
        rows().into_iter().map(|row| ((row.method, row.path.to_owned()), row)).collect();
    // The methods of a path are tried together: what one of them makes, another deletes.
    let mut paths = vec![];
    let found = http::rules().into_iter().map(|(method, path, rule)| {
        let row = rows.remove(&(method, path.clone()));
        if paths.last() != Some(&path) {
            paths.push(path.clone());
        }
        let index = paths.len();
        (index, rule, row.unwrap_or_else(|| panic!("no request for {method} {path}")))
    });
    let mut found: Vec<_> = found.collect();
    assert!(rows.is_empty(), "requests without a route: {:?}", rows.keys());
    found.sort_by_key(|(_, rule, row)| rank(row, *rule));
    found
}

/// What each role of the system gives, as `docs/access.md` tells it.
fn role_table() -> Vec<(String, Gives)> {
    let document = include_str!("../../docs/access.md");
    let table = document.split("<!-- roles -->").nth(1).unwrap();
    let table = table.split("<!-- /roles -->").next().unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| `"));
    let rows = rows.map(|line| {
        let mut cells = line.split('|').map(str::trim).skip(1);
        let name = cells.next().unwrap().trim_matches('`').to_owned();
        let gives = match cells.next().unwrap() {
            "everything" => Gives::Everything,
            "READ on everything but AUDIT_LOG and SEAL_KEY" => Gives::EverythingTo(Read),
            "nothing here" => Gives::These(vec![]),
            some => Gives::These(some.split("; ").flat_map(accesses).collect()),
        };
        (name, gives)
    });
    rows.collect()
}

/// What `CREATE, READ on PROMPT` says.
fn accesses(part: &str) -> Vec<(Access, Kind)> {
    let (accesses, kind) = part.split_once(" on ").unwrap();
    let kind = Kind::named(kind).unwrap();
    accesses.split(", ").map(|access| (Access::named(access).unwrap(), kind)).collect()
}

/// Every caller: the roles of the system, custom roles, and no role.
fn personas() -> Vec<(Option<String>, Gives)> {
    let table = role_table();
    let told: BTreeSet<_> = table.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(told, SystemRole::ALL.map(SystemRole::as_str).into());
    let mut found: Vec<_> = table.into_iter().map(|(name, gives)| (Some(name), gives)).collect();
    for (name, access, kind) in CUSTOM {
        found.push((Some(name.to_owned()), Gives::These(vec![(access, kind)])));
    }
    found.push((None, Gives::These(vec![])));
    found
}

/// All cells of one role, on a server of its own.
fn walk(role: Option<&str>, gives: Gives, place: usize) -> Findings {
    let server = Server::start();
    let (persona, own) = Persona::new(&server, role, gives);
    let routes = routes();
    let mut findings = Findings::default();
    let mut things = vec![];
    for kind in KINDS.into_iter().filter(|kind| !SINGLE.contains(kind)) {
        for relation in relations(kind, role) {
            things.push((persona.thing(kind, relation, &own), relation));
        }
    }
    lists(&persona, &routes, &things, &mut findings);
    for (turn, (thing, relation)) in things.iter().enumerate() {
        single(&persona, &routes, thing, *relation, (place, turn), &mut findings);
    }
    for kind in SINGLE {
        for relation in relations(kind, role) {
            let thing = persona.thing(kind, relation, &own);
            single(&persona, &routes, &thing, relation, (place, 0), &mut findings);
            if let Some((to, on)) = persona.grant(&thing, relation.way) {
                persona.admin.revoke((to.0, &to.1), (on.0, &on.1), &words(relation.given));
            }
        }
    }
    for (_, rule, row) in routes.iter().filter(|(_, rule, _)| matches!(rule, Open | SignedIn)) {
        let thing = Thing::new(Kind::Definition, "openai");
        let answer = call(&persona.client, row, &thing);
        let told = || told(role, row, &thing, None, &answer, row.accepted);
        findings.check(answer.status == row.accepted, told);
        assert!(matches!(rule, Open | SignedIn));
    }
    findings
}

/// The lists: never refused, and each thing is in them just where it may be read.
fn lists(
    persona: &Persona,
    routes: &[(usize, Rule, Row)],
    things: &[(Thing, Relation)],
    findings: &mut Findings,
) {
    let mut answers: HashMap<String, Answer> = HashMap::new();
    for (_, rule, row) in routes {
        if !matches!(rule, Filtered(_) | FilteredAll) {
            continue;
        }
        let kinds = kinds(*rule, row.path);
        for (thing, relation) in things.iter().filter(|(thing, _)| kinds.contains(&thing.kind)) {
            if relation.way == Way::Oneself {
                continue;
            }
            let path = row.path_to(thing);
            let answer = answers.entry(path).or_insert_with(|| call(&persona.client, row, thing));
            let (rule, accepted, gives) = (*rule, row.accepted, &persona.gives);
            let hides = hides(row);
            let case = Case { rule, accepted, hides, thing, relation: *relation, gives };
            let seen = [thing.id.clone(), thing.wire_id()]
                .iter()
                .any(|id| answer.text.contains(&format!("\"{id}\"")));
            let may_see = relation.exists && case.may(Read);
            findings.check(answer.status == accepted && seen == may_see, || {
                let told =
                    told(persona.role.as_deref(), row, thing, Some(*relation), answer, accepted);
                format!("{told}, shown: {seen}")
            });
        }
    }
}

/// Every route that is about one thing.
fn single(
    persona: &Persona,
    routes: &[(usize, Rule, Row)],
    thing: &Thing,
    relation: Relation,
    (place, turn): (usize, usize),
    findings: &mut Findings,
) {
    let makes = |rule: Rule| matches!(rule, Save(_) | SaveEach(_) | SaveAll | Needs(Create, _));
    // What is missing stays so until all else was asked.
    let (last, first): (Vec<_>, Vec<_>) =
        routes.iter().partition(|(_, rule, _)| !relation.exists && makes(*rule));
    // An integration can be deleted by several routes, each of which is the first for some.
    let (mut deletes, first): (Vec<_>, Vec<_>) =
        first.into_iter().partition(|(_, rule, _)| *rule == Needs(Delete, Kind::Integration));
    let from = turn % deletes.len();
    deletes.rotate_left(from);
    let mut is_gone = false;
    for (index, rule, row) in first.into_iter().chain(deletes).chain(last) {
        let (rule, accepted, gives) = (*rule, row.accepted, &persona.gives);
        let case = Case { rule, accepted, hides: hides(row), thing, relation, gives };
        if matches!(rule, Filtered(_) | FilteredAll)
            || !kinds(rule, row.path).contains(&thing.kind)
            || !case.is_tried(index + place)
        {
            continue;
        }
        let answer = call(&persona.client, row, thing);
        let expected = if is_gone { 404 } else { case.expected() };
        is_gone |= rule == Needs(Delete, Kind::Integration) && expected == accepted;
        findings.check(answer.status == expected, || {
            told(persona.role.as_deref(), row, thing, Some(relation), &answer, expected)
        });
    }
}

fn call(client: &Client, row: &Row, thing: &Thing) -> Answer {
    client.call(row.method, &row.path_to(thing), row.body_about(thing).as_ref())
}

fn told(
    role: Option<&str>,
    row: &Row,
    thing: &Thing,
    relation: Option<Relation>,
    answer: &Answer,
    expected: u16,
) -> String {
    let Row { method, path, .. } = row;
    let (kind, status) = (thing.kind.as_str(), answer.status);
    let text: String = answer.text.chars().take(160).collect();
    format!("{role:?}, {relation:?}, {method} {path} on {kind}: {status}, not {expected}: {text}")
}

#[test]
fn g1_every_role_route_and_relation_has_its_status() {
    let personas = personas();
    let next = Mutex::new(personas.iter().enumerate());
    let all = Mutex::new(Findings::default());
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                loop {
                    let Some((place, (role, gives))) = next.lock().unwrap().next() else { break };
                    let found = walk(role.as_deref(), gives.clone(), place);
                    let mut all = all.lock().unwrap();
                    all.checks += found.checks;
                    all.wrong.extend(found.wrong);
                }
            });
        }
    });
    all.into_inner().unwrap().settle(2_000);
}

#[test]
fn g1_nobody_whose_sign_in_is_gone_passes_any_route() {
    let server = Server::start();
    let admin = server.admin();
    let keys = |client: &Client| format!("/api/applications/{}/accessKeys", client.application);
    let paused = server.client("paused", &["ADMIN"]);
    admin.post(&format!("{}/{}/status", keys(&paused), paused.key), None).is(200);
    let deleted = server.client("deleted", &["ADMIN"]);
    admin.delete(&format!("{}/{}", keys(&deleted), deleted.key)).is(200);
    let rotated = server.client("rotated", &["ADMIN"]);
    admin.post(&format!("{}/{}/rotate", keys(&rotated), rotated.key), None).is(200);
    let gone = server.client("gone", &["ADMIN"]);
    admin.delete(&format!("/api/applications/{}", gone.application)).is(200);
    let callers = [
        ("a stranger", server.stranger()),
        ("garbage", server.bearer("a.b.c")),
        ("a paused key", paused),
        ("a deleted key", deleted),
        ("a key that has ended", rotated),
        ("a deleted application", gone),
    ];
    admin.new_integration("shelf");
    let mut findings = Findings::default();
    for (_, rule, row) in routes() {
        let kind = kinds(rule, row.path).first().copied().unwrap_or(Kind::Definition);
        let mut thing = Thing { whole: "shelf".to_owned(), ..Thing::new(kind, "openai") };
        thing.arize_id = unknown(IdKind::LlmIntegration);
        if matches!(kind, Kind::Organization | Kind::Space) {
            thing.id = unknown(IdKind::Space);
            thing.whole = unknown(IdKind::AccountOrg);
        }
        "no-key".clone_into(&mut thing.key);
        for (who, client) in &callers {
            let answer = call(client, &row, &thing);
            let expected = if rule == Open { row.accepted } else { 401 };
            findings.check(answer.status == expected, || {
                format!("{who}: {}", told(None, &row, &thing, None, &answer, expected))
            });
        }
    }
    findings.settle(500);
}
