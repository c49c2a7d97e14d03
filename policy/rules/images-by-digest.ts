import { DOCKER_CONTAINER, nameOf, podContainers, type Rule, text } from "./rule.ts";

/** A name with its digest, or the id of a local image, which is a digest, too. */
const BY_DIGEST = /(^|@)sha256:[0-9a-f]{64}$/;

/** What a tag names changes; what a digest names does not. */
export const imagesByDigest: Rule = (subject) => {
  const { type, props } = subject;
  const images =
    type === DOCKER_CONTAINER
      ? [{ who: nameOf(props), image: text(props.image) }]
      : type === "docker:index/remoteImage:RemoteImage"
        ? [{ who: "the pulled image", image: text(props.name) }]
        : podContainers(subject).map((container) => ({ who: nameOf(container), image: text(container.image) }));
  return images
    .filter(({ image }) => !BY_DIGEST.test(image))
    .map(({ who, image }) => `${who} runs ${image || "an image without a name"}: name it by digest, name@sha256:…`);
};
