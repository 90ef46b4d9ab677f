// Answer a batch of samples with the modules of the page; they are those of layer_samples.py.
async (samples) => {
  const { axesOf, hasConvolution, outputPaddingChoices, outputSize, shapeInLayout } = await import("#layer_shape.js");
  const { brokenRules } = await import("#layer_rules.js");
  const { ruleSentences } = await import("#layer_words.js");
  const { findChanges } = await import("#layer_changes.js");
  const { readCall, textsOfCall } = await import("#layer_call.js");
  const { writeCall } = await import("#layer_written.js");
  const { readLayer } = await import("#layer_fields.js");
  const { evaluate, UNKNOWN } = await import("#layer_predicate.js");
  const { factsOf } = await import("#layer_causes.js");

  const describe = (axis) => ({
    ...{ ke: axis.ke, full: axis.full, m: axis.m, front: axis.front, gained: axis.gained, admissible: axis.admissible },
    sentences: Object.fromEntries(ruleSentences(axis)),
    choices: outputPaddingChoices(axis, 12).map(({ o, m, accepted }) => [o, m, accepted]),
  });
  const truth = (tree, facts) => {
    try {
      const value = evaluate(tree, facts);
      if (value === UNKNOWN) return "unknown";
      return Array.isArray(value) ? value.length > 0 : Boolean(value);
    } catch {
      return "error";
    }
  };
  const answer = ({ layer, target, call, written, predicates }) => {
    const rules = brokenRules(layer).map(({ id }) => id);
    const facts = factsOf(layer);
    return {
      read: readLayer(textsOfCall(readCall(call), { ...written, target: "" })),
      rewritten: readLayer(textsOfCall(readCall(writeCall(layer)), { ...written, target: "" })),
      rules,
      keras2: brokenRules(layer, true).map(({ id }) => id),
      shape: rules.length ? null : shapeInLayout(layer, outputSize(layer), layer.filters),
      axes: hasConvolution(layer) ? axesOf(layer).map(describe) : [],
      changes: findChanges(layer, target),
      predicates: predicates.map(({ tree, suite, variant }) => [
        truth(tree, { ...facts, suite, variant }),
        truth(tree, { ...facts, suite }),
      ]),
    };
  };
  return samples.map(answer);
}
