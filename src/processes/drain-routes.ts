/** Draining in the admin interface. */
import { Refusal, type Routes } from '../admin/server.js';
import { type DrainCommand, DrainError } from '../pool/manager.js';

/** `drain` does it, or throws DrainError. */
export function drainRoutes(drain: (command: DrainCommand) => void): Routes {
  const command = (undo: boolean) => (query: URLSearchParams) => {
    const virtualServer = query.get('virtualServer');
    const realServer = query.get('realServer');
    if (virtualServer === null || realServer === null)
      return new Refusal(400, 'expected ?virtualServer=ID&realServer=ID, as status shows them');
    try {
      drain({ virtualServer, realServer, undo });
      return {};
    } catch (error) {
      if (error instanceof DrainError) return new Refusal(404, error.message);
      throw error;
    }
  };
  return { 'POST /v1/drain': command(false), 'POST /v1/undrain': command(true) };
}
