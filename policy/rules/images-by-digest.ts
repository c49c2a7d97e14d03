import { DOCKER_CONTAINER, nameOf, podContainers, type Rule, text } from "./rule.ts";

/** A name with its digest, or the id of a local image, which is a digest, too. */
const BY_DIGEST = /(^|@)sha256:[0-9a-f]{64}$/;

/** The tag of one release, such as v3.17.2 or 24.21.0-slim: not latest, not 3, not 3.17. */
const RELEASE = /^v?\d+\.\d+\.\d[\w.-]*$/;
const byRelease = (image: string) => image.includes(":") && RELEASE.test(image.slice(image.lastIndexOf(":") + 1));

/**
 * What a tag names changes; what a digest names does not. A pulled image may be named by its release: it is pulled once, the state keeps the digest, and
 * containers run by that.
 */
export const imagesByDigest: Rule = (subject) => {
  const { type, props } = subject;
  if (type === "docker:index/remoteImage:RemoteImage") {
    const image = text(props.name);
    if (BY_DIGEST.test(image) || byRelease(image)) return [];
    return [
      `the pulled image is ${image || "without a name"}: pin it by digest, name@sha256:…, or by release, name:1.2.3`,
    ];
  }
  const images =
    type === DOCKER_CONTAINER
      ? [{ who: nameOf(props), image: text(props.image) }]
      : podContainers(subject).map((container) => ({ who: nameOf(container), image: text(container.image) }));
  return images
    .filter(({ image }) => !BY_DIGEST.test(image))
    .map(({ who, image }) => `${who} runs ${image || "an image without a name"}: pin it by digest, name@sha256:…`);
};
