// What is good, starting or bad, the same in every part of the page.

/** Returns the tone of a service. */
export function tone(service) {
  const short = service.running < service.desired;
  if (service.failures > 0 && short) return "bad";
  if (service.deployments.some((d) => d.rollout === "FAILED")) return "bad";
  if (short || service.deployment === "IN_PROGRESS" || service.deployments.length > 1) return "start";
  if (service.healthy !== null && service.healthy < service.desired) {
    return service.tasks.some((task) => task.target === "unhealthy") ? "bad" : "start";
  }
  return "good";
}
