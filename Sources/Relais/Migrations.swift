import Postgres
public let migrationBytes = PackageResources._001_registry_sql
