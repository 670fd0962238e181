"""Names in BPMN's schema that stand for no line of their own."""

ABSTRACT = frozenset(
    {
        "activity", "artifact", "baseElement", "baseElementWithMixedContent", "callableElement", "catchEvent",
        "choreographyActivity", "conversationNode", "dataAssociation", "event", "eventDefinition", "expression",
        "flowElement", "flowNode", "gateway", "loopCharacteristics", "resourceRole", "rootElement", "throwEvent",
    }
)  # fmt: skip
"""Never written in a file; their kinds are."""

PARTS: dict[str, str] = {
    **dict.fromkeys(("incoming", "outgoing", "sourceRef", "targetRef"), "sequenceFlow"),
    "errorRef": "error",
    "text": "textAnnotation",
    "categoryValueRef": "group",
    "partitionElement": "lane",
    "rendering": "userTask",
    "implicitThrowEvent": "complexBehaviorDefinition",
    **dict.fromkeys(("from", "to"), "assignment"),
    **dict.fromkeys(
        (
            "dataInputRefs", "dataOutputRefs", "inputSetRefs", "outputSetRefs", "optionalInputRefs", "optionalOutputRefs",
            "whileExecutingInputRefs", "whileExecutingOutputRefs", "ioBinding",
        ),
        "ioSpecification",
    ),
    **dict.fromkeys(
        ("inMessageRef", "outMessageRef", "interfaceRef", "supportedInterfaceRef", "endPoint", "endPointRef", "supports"),
        "interface",
    ),
    **dict.fromkeys(("correlationPropertyRef", "messagePath", "dataPath"), "correlationKey"),
    **dict.fromkeys(("source", "target"), "relationship"),
    **dict.fromkeys(
        ("participantRef", "partnerEntity", "partnerRole", "participantAssociation", "innerParticipantRef", "outerParticipantRef"),
        "participant",
    ),
    **dict.fromkeys(("messageFlowRef", "messageFlowAssociation"), "messageFlow"),
    **dict.fromkeys(("conversationLink", "conversationAssociation"), "conversation"),
    "choreographyRef": "choreography",
}  # fmt: skip
"""Part → the element in whose line it is read, refused or ignored."""
