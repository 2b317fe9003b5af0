import Postgres

/// Whom to turn to at a structure for what. The structure's own `phone` and `email` are those of its front door.
public struct Contact: Sendable, Equatable, Codable {
    /// A code of ``Vocabulary/contactPurposes``.
    public var purpose: String
    /// A person or a service.
    public var name: String?
    public var email: String?
    public var phone: String?
    /// Whether everybody may read it; otherwise staff and the structure's manager alone.
    public var isPublic: Bool

    public init(purpose: String, name: String? = nil, email: String? = nil, phone: String? = nil, isPublic: Bool = false) {
        self.purpose = purpose
        self.name = name
        self.email = email
        self.phone = phone
        self.isPublic = isPublic
    }

    private enum CodingKeys: String, CodingKey {
        case purpose, name, email, phone
        case isPublic = "public"
    }

    /// How many a structure may have.
    static let most = 20

    init?(_ object: inout InputObject) {
        let purpose = object.code("purpose", of: Vocabulary.contactPurposes.codes, required: true)
        let named = object.text("name")
        let email = object.text("email", form: .email)
        let phone = object.text("phone", form: .phone)
        let isPublic = object.flag("public") ?? false
        if object.value("email") == nil, object.value("phone") == nil {
            object.note("email", "required", "A contact has an e-mail address, a telephone number, or both.")
        }
        guard let purpose else { return nil }
        self.init(purpose: purpose, name: named, email: email, phone: phone, isPublic: isPublic)
    }
}

extension Structure {
    /// The structure as `caller` sees it: contacts that are not public are for staff and for its manager.
    public func seen(by caller: Caller) -> Structure {
        if isOpen(to: caller) { return self }
        var seen = self
        seen.details.contacts.removeAll { !$0.isPublic }
        return seen
    }

    /// The structure as it was, for `caller`: a contact that was for everybody once may have been withdrawn since, so the past has none for others.
    public func seenPast(by caller: Caller) -> Structure {
        if isOpen(to: caller) { return self }
        var seen = self
        seen.details.contacts = []
        return seen
    }

    /// Whether `caller` may read all of its contacts.
    public func isOpen(to caller: Caller) -> Bool { caller.isStaff || caller.role == .manager && caller.structure == id }
}
