// A certificate in words: section by section and word for word what retention/certificates.py says.
const DAYS = ["日月火水木金土", ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]];

const momentIn = (text, language) => {
  const at = new Date(new Date(text).getTime() + 9 * 3600 * 1000);
  const iso = at.toISOString(), day = DAYS[language === "en" ? 1 : 0][at.getUTCDay()];
  return language === "en" ? `${day} ${iso.slice(0, 10)} ${iso.slice(11, 19)} JST (+09:00)`
    : `${at.getUTCFullYear()}年${at.getUTCMonth() + 1}月${at.getUTCDate()}日(${day}) ${iso.slice(11, 19)} (+09:00)`;
};
const number = (value) => (typeof value === "number" ? value.toLocaleString("en-US") : String(value));

// {title, sections: [{title, source, lines: [{label, value, cells}]}], statement: [sentence]}
const written = (facts, language) => {
  const { claims } = facts, { received } = claims;
  const one = (pair) => pair[language === "en" ? 1 : 0];
  const word = (table, code) => one(Object.hasOwn(WORDS[table], code) ? WORDS[table][code] : [code, code]);
  const phrases = (...keys) => keys.map((key) => word("phrases", key)).join("\n");
  const moment = (text) => momentIn(text, language);
  const line = (key, value) => ({ label: word("labels", key), value, cells: [] });
  const given = (key, value) => (received[key] === undefined ? [] : [line(key, value(received[key]))]);
  const section = (title, source, lines) => ({
    title: word("labels", title), source: source && word("labels", `from_${source}`), lines });

  const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const status = () => {
    const before = facts.replaces;
    if (!before) return phrases("issued");
    const { certificate, edition, statement } = before, reason = word("changes", before.reason);
    const said = (key, own) => filled(phrases(key), { certificate, edition: own, reason, statement });
    return [said("reissued", facts.edition), said("replaces", edition), said("changed_by", edition)].join("\n");
  };
  const identity = () => [
    line("certificate", facts.certificate), line("status", status()),
    line("issued_at", moment(facts.issued_at)), line("entrustor_id", facts.entrustor),
    line("contract_version", `${facts.contract} / ${facts.version}`), line("list", facts.list),
    line("issuer", phrases("issuer"))];

  // What the keeper knows itself; early certificates leave it to the worker's word.
  const known = typeof facts.rows === "number";
  const early = (lines) => (known ? [] : lines());
  const recorded = () => [
    line("purpose", word("purposes", facts.purpose)), line("handler_ids", facts.parties.join(", ")),
    ...(facts.manifested_at ? [line("manifested_at", moment(facts.manifested_at))] : []),
    line("registered", number(facts.rows)), line("file_hash", facts.file_hash),
    line("file_salt", phrases("salt_elsewhere", "salted")), line("deadline", moment(facts.expires)),
    line("trigger", word("triggers", facts.trigger)), line("frozen_at", moment(facts.frozen_at)),
    ...["erased", "verified"].flatMap((step) => (facts.attested[step] === undefined ? []
      : [line(`${step}_line`, String(facts.attested[step]))]))];

  const work = () => [
    ...given("entrustor", String),
    ...(received.contract === undefined ? [] : [line("contract_no", String(received.contract))]),
    line("basis", claims.basis),
    ...early(() => (received.purpose ? [line("purpose", word("purposes", received.purpose))] : [])),
    line("reference", claims.reference),
    ...early(() => [
      line("trigger", word("triggers", claims.trigger)), line("deadline", moment(claims.deadline))]),
    ...(claims.ending ? [line("ending", word("endings", claims.ending))] : []),
    ...(received.parties?.length
      ? [line("handlers", `${received.parties.join(", ")}\n${phrases("own_confirmations")}`)] : [])];

  const subject = () => [
    line("received_at", moment(claims.received_at)),
    ...["rows", "rejected", "duplicates", "not_to_be_called"].flatMap((key) => given(key, number)),
    line("people", number(claims.people)),
    ...given("fields", (kinds) => kinds.map((kind) => word("fields", kind)).join(", ")),
    ...early(() => given("file_hash", String)),
    ...early(() => (received.file_hash === undefined ? []
      : [line("file_salt", `${received.file_salt ?? phrases("salt_elsewhere")}\n${phrases("salted")}`)]))];

  const method = () => [
    line("method", phrases("method", "method_level")), line("crypto", phrases("crypto", "not_fips")),
    ...["precondition", "media", "derived"].map((key) => line(key, phrases(key))),
    line("backups", keptElsewhere())];
  const keptElsewhere = () => {
    const dated = claims.checks.filter((check) => check.until);
    const until = dated.map((check) => `${word("stores", check.store)}: ${moment(check.until)}`);
    const all = ["wal", "backups"].every((store) => dated.some((check) => check.store === store));
    return [...(until.length ? [phrases("backups_until"), ...until] : []),
      ...(all ? [] : [phrases("backups")])].join("\n");
  };

  const root = (kind) => {
    if (Object.hasOwn(WORDS.roots, kind)) return phrases(...WORDS.roots[kind]);
    if (!kind.startsWith(WORDS.hsm)) return kind;
    return `${phrases("root_hsm")}: ${kind.slice(WORDS.hsm.length)}\n${phrases("root_hsm_limit")}`;
  };
  const keys = () => [
    line("key", facts.key), line("minted_at", moment(facts.minted_at)),
    line("keys_destroyed_at", moment(facts.shredded_at)), line("epoch", String(facts.epoch_destroyed)),
    line("root_kind", root(facts.root_kind)),
    ...(facts.root_proof === WORDS.proven ? [line("root_proof", phrases("root_proof"))] : []),
    line("key_copies", phrases("key_copies"))];

  const progress = () => [
    ...early(() => [
      line("frozen_at", moment(claims.frozen_at)),
      line("keys_destroyed_at", moment(claims.shredded_at))]),
    line("erased_at", moment(claims.erased_at)), line("erased_rows", number(claims.erased_rows)),
    line("verified_at", moment(claims.verified_at))];

  const store = (check) => {
    const said = word(check.how === "compared" ? "comparisons" : "outcomes", check.outcome);
    const how = check.outcome === "OUTSIDE" ? "" : word("methods", check.how);
    const extent = [check.found || check.seen].filter(Boolean).map(number);
    if (check.bytes) extent.push(`${number(check.bytes)} bytes`);
    if (check.until) {
      const at = new Date(new Date(check.until).getTime() + 9 * 3600 * 1000);
      extent.push(filled(phrases("until"), { day: at.toISOString().slice(0, 10) }));
    }
    const value = [said, ...(how ? [how] : []), ...extent].join(" / ");
    return { label: word("stores", check.store), value, cells: [said, how, extent.join(" / ")] };
  };

  const sections = [
    section("identity", "keeper", identity()),
    ...(known ? [section("recorded", "keeper", recorded())] : []), section("work", "worker", work()),
    section("subject", "worker", subject()), section("method_section", "", method()),
    section("keys_section", "keeper", keys()), section("progress", "worker", progress()),
    section("stores", "worker", claims.checks.map(store)),
    section("hands", "worker", ["performed_by", "verified_by", "witness", "place", "exceptions"]
      .map((key) => line(key, phrases(key)))),
    section("access", "keeper", ["opens", "people_opened", "reveals", "matches", "operators"]
      .map((key) => line(key, number(facts[key])))),
    section("remains", "", WORDS.remains.map((pair) => ({ label: "", value: one(pair), cells: [] }))),
    section("log_anchor", "keeper", [line("shred_seq", String(facts.shred_seq)),
      line("checkpoint", facts.checkpoint.trim())]),
  ];
  const statement = ["statement_done", "statement_self", "statement_copies", "statement_check"];
  return { title: word("labels", "title"), sections, statement: statement.map((key) => phrases(key)) };
};
