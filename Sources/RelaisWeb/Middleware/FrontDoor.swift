import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Relais

/// What every request passes before it comes to a route, and every answer on its way out: identifier, admission, body, errors, the line in the log.
///
/// One responder around the router rather than a chain of middleware: each of its steps needs what another one found, and it is passed thousands of
/// times a second.
public struct FrontDoor<Routes: HTTPResponder>: HTTPResponder where Routes.Context == AppContext {
    let routes: Routes
    let admission: Admission
    let addresses: KnownAddresses
    /// Bytes that a file may have which its route reads.
    let largestFile: Int
    let logger: Logger

    public func respond(to request: Request, context: AppContext) async throws -> Response {
        await withTaskExecutorPreference(context.executor) { await pass(request, context) }
    }

    private func pass(_ request: Request, _ context: AppContext) async -> Response {
        let start = ContinuousClock.now
        var context = context
        context.requestID = RequestIdentifier.of(request)
        context.logger = logger
        context.logger[metadataKey: "request_id"] = .string(context.requestID)
        if let trace = RequestIdentifier.trace(of: request) { context.logger[metadataKey: "trace_id"] = .string(trace) }

        let admitted = isOpen(request) ? Admission.Result() : await admission.admit(request, context)
        context.caller = admitted.caller
        var response: Response
        do {
            if let problem = admitted.problem { throw problem }
            response = try await answer(request, &context)
        } catch {
            response = refusal(error, request, context)
        }
        response.headers[.xRequestID] = context.requestID
        admitted.allowance?.write(into: &response.headers)
        AccessLog.write(request, context, response.status, took: start.duration(to: .now))
        return response
    }

    /// Asked by machines every second, whether it is alive and ready: neither limited nor looked up.
    private func isOpen(_ request: Request) -> Bool { request.uri.path.hasPrefix("/health/") }

    private func answer(_ request: Request, _ context: inout AppContext) async throws -> Response {
        try Accept.check(request)
        if request.method != .get && request.method != .head {
            context.body.contentType = request.headers[.contentType]
            let isFile = Body.isFile(request.method, request.uri.path)
            if let length = request.headers[.contentLength].flatMap(Int.init), length > (isFile ? largestFile : Body.largest) {
                throw isFile ? .fileTooLarge(largestFile) : Problem(.tooLarge)
            }
            if !isFile { context.body.bytes = try await collected(request.body) }
        }
        let response = try await routes.respond(to: request, context: context)
        // The router answers an address or method that it does not know by itself, with this mark.
        guard context.endpointPath == "NotFound" else { return response }
        let methods = addresses.methods(of: request.uri.path)
        guard !methods.isEmpty else { throw Problem.notFound }
        let allowed = methods.joined(separator: ", ")
        throw Problem(.methodNotAllowed, "This address takes \(allowed).", headers: [.allow: allowed])
    }

    /// The whole body. One that breaks off, or whose chunks are none, is the client's mistake, and no error of ours.
    private func collected(_ body: RequestBody) async throws -> ByteBuffer {
        do {
            return try await body.collect(upTo: Body.largest)
        } catch let error as NIOTooManyBytesError {
            throw error
        } catch let error as CancellationError {
            throw error
        } catch {
            throw Problem(.malformed, "The body cannot be read to its end: its Content-Length or its chunks do not hold.")
        }
    }

    private func refusal(_ error: any Error, _ request: Request, _ context: AppContext) -> Response {
        let problem = Problem.of(error)
        if problem.kind == .internalError {
            context.logger.error("unforeseen error", metadata: ["error": .string(errorForLog(error))])
        } else if problem.kind == .unavailable || problem.kind == .outcomeUnknown {
            context.logger.warning("not available", metadata: ["detail": .string(problem.detail)])
        }
        return problem.response(for: request.uri.path)
    }
}
