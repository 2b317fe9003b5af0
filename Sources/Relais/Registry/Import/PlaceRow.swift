import Foundation
import OpeningHours

/// A record of a file as a place, with what was wrong in it.
struct PlaceRow: Sendable {
    let row: Int
    var draft: PlaceDraft
    /// What keeps the record out. The draft is then not to be used.
    private(set) var rejected: [ImportReport.Note] = []
    /// What was left out or changed.
    private(set) var warnings: [ImportReport.Note] = []

    /// Members without which a place cannot be kept; everything else that is wrong is left out with a warning.
    private static let needed: Set<Substring> = ["name", "address", "postcode", "commune_name", "source_id"]

    /// Reads the records of one file, and remembers what its labels mean.
    struct Reader: Sendable {
        private let form: PlaceForm
        private var labels = KnownLabels()

        init(_ form: PlaceForm) { self.form = form }

        mutating func row(_ record: PlaceFile.Record) -> PlaceRow { PlaceRow(record, of: form, &labels) }
    }

    /// Reads the record by the same rules as the API, and tells everything at once.
    private init(_ record: PlaceFile.Record, of form: PlaceForm, _ labels: inout KnownLabels) {
        row = record.row
        let reading = RecordReading(record, form, &labels)
        let members = reading.members
        let problems = InputProblems()
        draft = PlaceDraft(.object(members), problems: problems)
        draft.typologies = reading.typologies
        warnings = reading.warnings
        for problem in problems.list {
            let path = problem.pointer.split(separator: "/")
            guard let member = path.first else { continue }
            let note = reading.note(problem, member: member, item: path.count > 1 ? Int(path[1]) : nil)
            if Self.needed.contains(member) { rejected.append(note) } else { warnings.append(note) }
        }
        // How hours are spelled is nobody's trouble; but where their days were guessed, somebody is to look.
        if let text = draft.openingHours, let hours = KnownHours.shared.hours(text) {
            for guess in hours.warnings where guess.isGuess {
                warn(form.column(of: "opening_hours") ?? "horaires", text, "guessed", "Column \(guess.column): \(guess.message)")
            }
        }
        if members["source_id"] == nil {
            rejected.append(ImportReport.Note(row: row, field: "id", code: "required", message: "A record needs an id: it is known by it."))
        }
        // The standard requires both; a record without them is of use all the same.
        for (member, column) in [("pivot", "pivot"), ("updated_on", "date_maj")] where members[member] == nil {
            warn(column, nil, "required", "The standard requires this: the place is kept without.")
        }
    }

    mutating func warn(_ field: String, _ value: String?, _ code: String, _ message: String) {
        warnings.append(ImportReport.Note(row: row, field: field, value: value, code: code, message: message))
    }
}

/// What the labels of a file mean: to compare a label with all of a vocabulary takes a hundred times as long as to remember it.
private struct KnownLabels: Sendable {
    /// A member and a code of its vocabulary; `nil` for a name that no vocabulary has.
    typealias Meaning = [(member: String, code: String)?]
    private var known: [String: [String: Meaning]] = [:]
    private var count = 0

    mutating func meaning(of label: String, in column: String, _ find: () -> Meaning) -> Meaning {
        if let meaning = known[column]?[label] { return meaning }
        let meaning = find()
        // Files have some dozen labels; what is none of them is not to fill the memory.
        if count < 10_000 {
            known[column, default: [:]][label] = meaning
            count += 1
        }
        return meaning
    }
}

/// Turns columns into members: labels into codes, lists into arrays, coordinates into a location.
private struct RecordReading {
    let record: PlaceFile.Record
    let form: PlaceForm
    private var labels = KnownLabels()
    private(set) var members: [String: JSONValue] = [:]
    private(set) var typologies: [String] = []
    private(set) var warnings: [ImportReport.Note] = []
    /// Warnings of a record that are told one by one; whoever writes fifty thousand labels into a cell is told of as many.
    private static let mostWarnings = 50
    /// Typologies of a place, and characters of each: those of the standard are two dozen, of three to eight letters.
    private static let (mostTypologies, longestTypology) = (50, 100)
    private var lists: [String: [String]] = [:]
    private var coordinates: [String: Double] = [:]

    init(_ record: PlaceFile.Record, _ form: PlaceForm, _ labels: inout KnownLabels) {
        self.record = record
        self.form = form
        // Moved in and out, not copied: a copy would be written anew with each label that it learns.
        swap(&self.labels, &labels)
        defer { swap(&self.labels, &labels) }
        for (column, target) in form.inOrder {
            guard let value = record.fields[column], !DirtyValue.isNothing(value) else { continue }
            read(value, of: column, into: target)
        }
        for (member, texts) in lists { members[member] = .array(texts.map { .string($0) }) }
        locate()
    }

    /// A problem of the draft in the words of the file.
    func note(_ problem: InvalidInput.Problem, member: Substring, item: Int?) -> ImportReport.Note {
        let column = form.column(of: member)
        let value = item.flatMap { index in lists[String(member)].flatMap { $0.indices.contains(index) ? $0[index] : nil } }
        let whole = member == "location" ? "\(record.fields["latitude"] ?? ""), \(record.fields["longitude"] ?? "")" : nil
        return ImportReport.Note(
            row: record.row, field: column, value: value ?? whole ?? column.flatMap { record.fields[$0] }.flatMap { $0.isEmpty ? nil : $0 },
            code: problem.code,
            message: problem.message)
    }

    private mutating func read(_ value: String, of column: String, into target: PlaceForm.Target) {
        switch target {
        case .text("phone"):
            let numbers = DirtyValue.telephones(value)
            members["phone"] = numbers.first.map { .string($0) }
            if numbers.count > 1 { warn(column, value, "several", "A place has one number here: the first was taken.") }
            if DirtyValue.lacksZero(value, digits: 9) { warnOfZero(column, value, read: numbers.first ?? value) }
        case .text("postcode"): members["postcode"] = .string(withZero(value, of: column, beside: "code_insee"))
        case .text("commune"): members["commune"] = .string(withZero(value, of: column, beside: "code_postal"))
        case .text("booking_url"): members["booking_url"] = .string(DirtyValue.website(value, scheme: "https"))
        case .text("pivot"): members["pivot"] = .string(value.isVisibleASCII ? value : value.filter { !$0.isWhitespace })
        case .text("updated_on"): members["updated_on"] = .string(DirtyValue.day(value))
        case .text(let member): members[member] = .string(shortened(value, of: column, member))
        case .texts("websites"): lists["websites"] = DirtyValue.websites(value)
        case .texts("emails"): lists["emails"] = DirtyValue.emails(value)
        case .texts(let member): lists[member] = DirtyValue.split(value, on: "|")
        case .labels(let targets, let aliases):
            for label in DirtyValue.labels(value) { readAll(label, of: column, into: targets, aliases) }
        case .typologies: readTypologies(DirtyValue.labels(value).flatMap { DirtyValue.split($0, on: ",") }, of: column)
        case .latitude, .longitude:
            coordinates[column] = Double(value) ?? Double(value.replacing(",", with: "."))
            if coordinates[column] == nil {
                warn(
                    column, value, "format",
                    "This must be a number of degrees with a point, as in 45.4397. The place is kept without coordinates.")
            }
        }
    }

    /// A postcode or INSEE code with the zero that a spreadsheet took from it, unless the row's other code is of another département: then it may have
    /// lost any digit.
    private mutating func withZero(_ code: String, of column: String, beside other: String) -> String {
        guard DirtyValue.lacksZero(code, digits: 4) else { return code }
        let whole = "0" + code
        if let other = record.fields[other], !DirtyValue.isNothing(other) {
            let known = DirtyValue.lacksZero(other, digits: 4) ? "0" + other : other
            guard known.hasPrefix(whole.prefix(2)) else { return code }
        }
        warnOfZero(column, code, read: whole)
        return whole
    }

    private mutating func warnOfZero(_ column: String, _ value: String, read: String) {
        warn(column, value, "leading_zero", "The zero at its beginning was lost, as spreadsheets lose it: it was read as \(read).")
    }

    /// Reads a label, or several with commas between them when each of those is one: labels themselves may hold a comma.
    private mutating func readAll(
        _ label: String, of column: String, into targets: [(member: String, vocabulary: Vocabulary)], _ aliases: [String: [String]]
    ) {
        let parts = label.utf8.contains(UInt8(ascii: ",")) ? DirtyValue.split(label, on: ",") : []
        var isList = parts.count > 1
        for part in parts where isList { isList = !meaning(of: part, in: column, targets, aliases).contains { $0 == nil } }
        for label in isList ? parts : [label] { read(label, of: column, into: targets, aliases) }
    }

    private mutating func meaning(
        of label: String, in column: String, _ targets: [(member: String, vocabulary: Vocabulary)], _ aliases: [String: [String]]
    ) -> KnownLabels.Meaning {
        labels.meaning(of: label, in: column) {
            let key = Vocabulary.key(label)
            let names = aliases.first { Vocabulary.key($0.key) == key }?.value ?? [label]
            return names.map { name in
                targets.lazy.compactMap { target in target.vocabulary.code(of: name).map { (target.member, $0) } }.first
            }
        }
    }

    private mutating func read(
        _ label: String, of column: String, into targets: [(member: String, vocabulary: Vocabulary)], _ aliases: [String: [String]]
    ) {
        let meaning = meaning(of: label, in: column, targets, aliases)
        for found in meaning {
            guard let (member, code) = found else {
                guard warnings.count <= Self.mostWarnings else { continue }
                let near = nearest(label, among: targets.flatMap { $0.vocabulary.entries.map(\.label) } + aliases.keys, limit: 2)
                let message = "The vocabulary has no such label, so it is left out. Near ones: \(near.joined(separator: ", "))."
                warn(column, label, "unknown_code", message)
                continue
            }
            if lists[member]?.contains(code) != true { lists[member, default: []].append(code) }
        }
    }

    /// The list is closed in the national library but not in the standard: an unknown code is kept.
    private mutating func readTypologies(_ codes: [String], of column: String) {
        for code in codes where !typologies.contains(code) {
            guard code.unicodeScalars.count <= Self.longestTypology, !code.utf8.contains(0) else {
                warn(column, code, "format", "A typology has at most \(Self.longestTypology) characters, none of them NUL. It is left out.")
                continue
            }
            guard typologies.count < Self.mostTypologies else {
                return warn(column, code, "length", "A place has at most \(Self.mostTypologies) typologies: what follows is left out.")
            }
            typologies.append(code)
            if Vocabulary.typologies.label(of: code) == nil {
                let near = nearest(code, among: Vocabulary.typologies.codes).joined(separator: ", ")
                warn(column, code, "unknown_code", "There is no such typology; it is kept as it stands. Near ones: \(near).")
            }
        }
    }

    private mutating func locate() {
        let given = ["latitude", "longitude"].filter { record.fields[$0]?.isEmpty == false }
        if let latitude = coordinates["latitude"], let longitude = coordinates["longitude"] {
            members["location"] = .object(["latitude": .number(latitude), "longitude": .number(longitude)])
        } else if given.count == 1 {
            warn(
                given[0], record.fields[given[0]], "required", "Latitude and longitude are both given, or none. The place is kept without.")
        }
    }

    /// Long texts are cut, as the national library does with the summary (277 characters and three points).
    private mutating func shortened(_ value: String, of column: String, _ member: String) -> String {
        let limit = member == "summary" ? 280 : member == "description" ? 10_000 : Int.max
        guard value.utf8.count > limit, value.unicodeScalars.count > limit else { return value }
        warn(column, nil, "length", "This has \(value.unicodeScalars.count) characters, \(limit) at most: it was cut.")
        return String(String.UnicodeScalarView(value.unicodeScalars.prefix(limit - 3))) + "..."
    }

    private mutating func warn(_ field: String, _ value: String?, _ code: String, _ message: String) {
        guard warnings.count < Self.mostWarnings else {
            if warnings.count == Self.mostWarnings {
                warnings.append(ImportReport.Note(row: record.row, code: "more", message: "There is more in this row that was not taken."))
            }
            return
        }
        warnings.append(ImportReport.Note(row: record.row, field: field, value: value, code: code, message: message))
    }
}
