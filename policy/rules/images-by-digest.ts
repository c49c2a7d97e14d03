import { DOCKER_CONTAINER, nameOf, podContainers, type Rule, text } from "./rule.ts";

/** Matches a name with a digest, and the id of a local image, which is a digest as well. */
const BY_DIGEST = /(^|@)sha256:[0-9a-f]{64}$/;

/** Matches the tag of one release, such as v3.17.2 or 24.21.0-slim, but not latest, 3 or 3.17. */
const RELEASE = /^v?\d+\.\d+\.\d[\w.-]*$/;
const byRelease = (image: string) => image.includes(":") && RELEASE.test(image.slice(image.lastIndexOf(":") + 1));

/**
 * Requires images pinned by digest, because a tag can move. A pulled image may be named by a release tag instead: it is pulled once,
 * the state records its digest, and containers run that digest.
 */
export const imagesByDigest: Rule = (subject) => {
  const { type, props } = subject;
  if (type === "docker:index/remoteImage:RemoteImage") {
    const image = text(props.name);
    if (BY_DIGEST.test(image) || byRelease(image)) return [];
    return [
      `pulled image ${image || "(unnamed)"} is not pinned: use a digest (name@sha256:…) or a release tag (name:1.2.3)`,
    ];
  }
  const images =
    type === DOCKER_CONTAINER
      ? [{ who: nameOf(props), image: text(props.image) }]
      : podContainers(subject).map((container) => ({ who: nameOf(container), image: text(container.image) }));
  return images
    .filter(({ image }) => !BY_DIGEST.test(image))
    .map(
      ({ who, image }) =>
        `${who} runs ${image || "an unnamed image"}, which is not pinned: use a digest (name@sha256:…)`,
    );
};
